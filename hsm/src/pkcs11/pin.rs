//! The PIN, and that a wrong one costs one try.

use std::sync::Arc;

use cryptoki::error::{Error as CallError, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::TokenInfo;
use cryptoki::types::RawAuthPin;
use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::codes::{self, Meaning};
use super::fault::Fault;
use crate::Error;
use crate::config::{CredentialRecord, TryOutcome};

/// What errors call it.
const CREDENTIAL: &str = "PIN";

/// A user PIN. Tokens count wrong ones and lock, so a refused PIN is never shown to the token again
/// by this value, and none is shown when the next wrong one would lock the token.
#[derive(Debug)]
pub(super) struct Pin {
    /// Erased when dropped, and never printed.
    secret: RawAuthPin,
    /// Remembers past the end of this process.
    record: Option<Arc<dyn CredentialRecord>>,
    standing: Mutex<Standing>,
}

#[derive(Debug)]
enum Standing {
    /// Never yet right nor wrong; whether an answer left it open.
    Unproven {
        unclear: bool,
    },
    Good,
    Refused(String),
}

/// What an answer to `C_Login` says of the PIN.
enum Blame {
    /// It is wrong or locked.
    Wrong,
    /// The token was not there, or not free: the PIN was not looked at.
    None,
    /// Neither: a library may answer so to a wrong PIN, or to a file that is just being written.
    Unclear,
}

impl Pin {
    /// # Errors
    /// [`Error::WrongCredential`] when it is empty.
    pub(super) fn new(
        mut secret: Zeroizing<Vec<u8>>,
        record: Option<Arc<dyn CredentialRecord>>,
        backend: &str,
    ) -> Result<Self, Error> {
        if secret.is_empty() {
            return Err(wrong(backend, "it is empty".to_owned()));
        }
        Ok(Self {
            secret: RawAuthPin::new(Box::new(std::mem::take(&mut *secret))),
            record,
            standing: Mutex::new(Standing::Unproven { unclear: false }),
        })
    }

    /// # Errors
    /// [`Error::WrongCredential`] when the token has refused it.
    pub(super) fn check(&self, backend: impl FnOnce() -> String) -> Result<(), Error> {
        match &*self.standing.lock() {
            Standing::Refused(reason) => Err(wrong(&backend(), reason.clone())),
            Standing::Unproven { .. } | Standing::Good => Ok(()),
        }
    }

    /// Logs the token in, unless another session of this process has. `info` reads the token's
    /// flags.
    ///
    /// An unclear answer to a PIN that has never worked is followed by one more try, if the token
    /// counts no wrong PIN: so a wrong one costs one try with a token that says so, and two with one
    /// that says nothing at all. A record makes that hold over all processes that keep it.
    pub(super) fn login(
        &self,
        session: &Session,
        info: impl Fn() -> Result<TokenInfo, CallError>,
        backend: &str,
    ) -> Result<(), Fault> {
        // Held over the call: two at once would be two tries.
        let mut standing = self.standing.lock();
        if let Standing::Refused(reason) = &*standing {
            return Err(wrong(backend, reason.clone()).into());
        }
        let state = session.get_session_info()?.session_state();
        if matches!(state, SessionState::RoUser | SessionState::RwUser) {
            return Ok(());
        }
        let flags = info()?;
        if let Some(reason) = hindrance(&flags) {
            return Err(wrong(backend, reason.to_owned()).into());
        }
        if flags.user_pin_count_low() {
            tracing::warn!(
                key_backend = backend,
                "a wrong PIN was entered since the last login"
            );
        }
        // Of a PIN that has worked a crash leaves no doubt.
        let proven = matches!(*standing, Standing::Good);
        if let (Some(record), false) = (&self.record, proven) {
            record
                .begin()
                .map_err(|hindrance| hindrance.into_error(backend, CREDENTIAL))?;
        }
        let error = match session.login_with_raw(UserType::User, &self.secret) {
            Ok(()) => {
                if !proven {
                    self.note(TryOutcome::Accepted);
                }
                *standing = Standing::Good;
                return Ok(());
            }
            // Another has logged in meanwhile: of this PIN the token has said nothing.
            Err(CallError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                if !proven {
                    self.note(TryOutcome::NotLookedAt);
                }
                return Ok(());
            }
            Err(error) => error,
        };
        let blame = blame(&error);
        let said_nothing = matches!(blame, Blame::None);
        let refused = match (blame, &*standing) {
            (Blame::Wrong, _) => true,
            // A PIN that has worked is not blamed for an answer that says nothing of PINs.
            (Blame::None, _) | (Blame::Unclear, Standing::Good) => false,
            (Blame::Unclear, Standing::Unproven { unclear: false }) => {
                *standing = Standing::Unproven { unclear: true };
                info().map_or(true, |flags| flags.user_pin_count_low())
            }
            (Blame::Unclear, _) => true,
        };
        if !refused {
            if !proven {
                self.note(if said_nothing {
                    TryOutcome::NotLookedAt
                } else {
                    TryOutcome::Unclear
                });
            }
            return Err(error.into());
        }
        let reason = match error {
            CallError::Pkcs11(code, _) => codes::name(code),
            other => other.to_string(),
        };
        self.note(TryOutcome::Refused(&reason));
        *standing = Standing::Refused(reason.clone());
        Err(wrong(backend, reason).into())
    }

    fn note(&self, outcome: TryOutcome<'_>) {
        if let Some(record) = &self.record {
            record.end(outcome);
        }
    }
}

fn blame(error: &CallError) -> Blame {
    let CallError::Pkcs11(code, _) = error else {
        return Blame::Unclear;
    };
    match codes::verdict(*code).meaning {
        Meaning::Credential => Blame::Wrong,
        Meaning::Gone | Meaning::Busy => Blame::None,
        _ => Blame::Unclear,
    }
}

/// Why the PIN is not even tried. An administrator can mend each, so none of these is kept.
fn hindrance(info: &TokenInfo) -> Option<&'static str> {
    if info.user_pin_locked() {
        Some("the token has locked it (CKF_USER_PIN_LOCKED); it was not tried")
    } else if info.user_pin_final_try() {
        Some("one more wrong PIN would lock the token (CKF_USER_PIN_FINAL_TRY); it was not tried")
    } else if !info.user_pin_initialized() {
        Some("the token has no user PIN yet (CKF_USER_PIN_INITIALIZED); it was not tried")
    } else {
        None
    }
}

fn wrong(backend: &str, reason: String) -> Error {
    Error::WrongCredential {
        backend: backend.to_owned(),
        credential: CREDENTIAL.to_owned(),
        reason,
    }
}
