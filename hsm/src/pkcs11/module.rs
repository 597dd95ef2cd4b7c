//! A vendor's library, loaded and initialised once per process.
//!
//! `C_Finalize` ends every session of the process with every token of the library, and calling it
//! while another thread is inside is undefined (PKCS#11 3.1 §5.4.2). So each call holds this lock
//! for reading, and beginning the library anew takes it for writing. Handles are numbers that a new
//! beginning gives out again: `generation` tells old ones apart.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as CallError, RvError};
use cryptoki::slot::Slot;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};

use super::fault::Fault;
use crate::Error;

/// Libraries of this process by path: `C_Initialize` is for the process, not for a device.
static LOADED: LazyLock<Mutex<HashMap<PathBuf, Arc<Module>>>> = LazyLock::new(Mutex::default);

/// A loaded library.
#[derive(Debug)]
pub(super) struct Module {
    path: PathBuf,
    state: RwLock<State>,
    /// Slots are listed one at a time: SoftHSM 2.6 enters new tokens into its table while it lists
    /// them, and two threads that do so end the process.
    listing: Mutex<()>,
    /// One key is made at a time.
    pub(super) generating: Mutex<()>,
}

#[derive(Debug)]
struct State {
    pkcs11: Pkcs11,
    /// Counts the beginnings.
    generation: u64,
    /// We initialised it, so we may finalise it. Otherwise it is another part's of this process.
    ours: bool,
}

/// The library while a call may be made.
#[derive(Debug)]
pub(super) struct Library<'a> {
    state: RwLockReadGuard<'a, State>,
    listing: &'a Mutex<()>,
}

impl Library<'_> {
    /// The functions.
    pub(super) fn pkcs11(&self) -> &Pkcs11 {
        &self.state.pkcs11
    }

    /// `C_GetSlotList`: slots with a token.
    pub(super) fn slots_with_token(&self) -> Result<Vec<Slot>, CallError> {
        let _alone = self.listing.lock();
        self.pkcs11().get_slots_with_token()
    }

    /// Handles of another generation are void.
    pub(super) fn generation(&self) -> u64 {
        self.state.generation
    }
}

impl Module {
    /// Loads a library, or finds it loaded.
    ///
    /// # Errors
    /// [`Error::WrongDevice`] when it is no PKCS#11 library or does not begin.
    pub(super) fn load(path: &Path) -> Result<Arc<Self>, Error> {
        let refused = |reason: String| Error::WrongDevice {
            backend: format!("PKCS#11 module {}", path.display()),
            reason,
        };
        // Without this, the loader would search its own folders for a name without a slash.
        let path = path
            .canonicalize()
            .map_err(|error| refused(format!("cannot be read: {error}")))?;
        let mut loaded = LOADED.lock();
        if let Some(module) = loaded.get(&path) {
            return Ok(Arc::clone(module));
        }
        let pkcs11 = Pkcs11::new(&path).map_err(|error| {
            refused(format!(
                "cannot be loaded as a PKCS#11 library of this machine's kind: {error}"
            ))
        })?;
        let ours = initialize(&pkcs11)
            .map_err(|error| refused(format!("does not begin (C_Initialize): {error}")))?;
        let module = Arc::new(Self {
            path: path.clone(),
            state: RwLock::new(State {
                pkcs11,
                generation: 0,
                ours,
            }),
            listing: Mutex::new(()),
            generating: Mutex::new(()),
        });
        loaded.insert(path, Arc::clone(&module));
        Ok(module)
    }

    /// Where the library is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Leave to make a call, or none when the library is being begun anew until `deadline`.
    pub(super) fn enter(&self, deadline: Instant) -> Option<Library<'_>> {
        self.state.try_read_until(deadline).map(|state| Library {
            state,
            listing: &self.listing,
        })
    }

    /// Begins the library anew, unless that has happened since `seen`. False when a call does not
    /// come back until `deadline`, or another part of the process owns the library and it has not
    /// been `ended`.
    ///
    /// # Errors
    /// The library's answer to `C_Initialize`.
    pub(super) fn renew(&self, seen: u64, ended: bool, deadline: Instant) -> Result<bool, Fault> {
        let Some(mut state) = self.state.try_write_until(deadline) else {
            return Ok(false);
        };
        if state.generation != seen {
            return Ok(true);
        }
        if state.ours {
            // An error means that there was nothing to end.
            if let Err(error) = state.pkcs11.clone().finalize() {
                tracing::debug!(module = %self.path.display(), %error, "C_Finalize");
            }
        } else if !ended {
            return Ok(false);
        }
        state.generation += 1;
        state.ours = initialize(&state.pkcs11)?;
        tracing::info!(module = %self.path.display(), "PKCS#11 library begun anew");
        Ok(true)
    }
}

/// Whether we were the first.
fn initialize(pkcs11: &Pkcs11) -> Result<bool, CallError> {
    match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) => Ok(true),
        Err(CallError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(false),
        Err(error) => Err(error),
    }
}
