//! What one login at a token holds.

use std::collections::HashMap;
use std::sync::Arc;

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error as CallError, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::session::Session;
use cryptoki::slot::{Slot, TokenInfo};
use parking_lot::RwLock;

use super::fault::Fault;
use super::module::Library;
use super::objects::KeyObject;
use super::pin::Pin;
use super::selector::Selector;
use crate::{BackendKind, DeviceIdentity, Error, KeyLabel};

/// Slot, login and handles. When one of them is lost, all are made anew.
#[derive(Debug)]
pub(super) struct Connection {
    /// Of the library: the handles of another are void.
    pub(super) generation: u64,
    pub(super) slot: Slot,
    pub(super) facts: TokenFacts,
    pub(super) mechanisms: Vec<MechanismType>,
    /// Handles of keys that were looked up: once per connection, not per signature.
    pub(super) objects: RwLock<HashMap<KeyLabel, Arc<KeyObject>>>,
}

/// What a token says of itself.
#[derive(Clone, Debug)]
pub(super) struct TokenFacts {
    pub(super) label: String,
    pub(super) identity: DeviceIdentity,
    pub(super) kind: BackendKind,
}

impl Connection {
    /// Finds the token and logs in. The session is the caller's.
    pub(super) fn open(
        library: &Library<'_>,
        selector: &Selector,
        pin: &Pin,
        vouched_hardware: bool,
    ) -> Result<(Self, Session), Fault> {
        let (slot, info) = selector.find(library)?;
        if info.error_state() {
            return Err(Error::Unreachable {
                backend: selector.to_string(),
                reason: "its self-test failed (CKF_ERROR_STATE)".to_owned(),
            }
            .into());
        }
        let pkcs11 = library.pkcs11();
        let hardware_slot = pkcs11.get_slot_info(slot)?.hardware_slot();
        let mechanisms = pkcs11.get_mechanism_list(slot)?.into_iter().collect();
        let session = open_session(pkcs11, slot)?;
        let flags = || pkcs11.get_token_info(slot);
        if let Err(fault) = pin.login(&session, flags, &selector.to_string()) {
            close(session);
            return Err(fault);
        }
        let connection = Self {
            generation: library.generation(),
            slot,
            facts: TokenFacts::new(&info, hardware_slot || vouched_hardware),
            mechanisms,
            objects: RwLock::default(),
        };
        Ok((connection, session))
    }
}

impl TokenFacts {
    fn new(info: &TokenInfo, hardware: bool) -> Self {
        let identity = DeviceIdentity {
            manufacturer: info.manufacturer_id().to_owned(),
            model: info.model().to_owned(),
            serial: info.serial_number().to_owned(),
            firmware: info.firmware_version().to_string(),
        };
        // Whoever vouches for it: its keys lie in files.
        let software = [&identity.manufacturer, &identity.model]
            .iter()
            .any(|name| name.to_ascii_lowercase().contains("softhsm"));
        Self {
            label: info.label().to_owned(),
            identity,
            kind: if hardware && !software {
                BackendKind::Hardware
            } else {
                BackendKind::Software
            },
        }
    }
}

/// `SoftHSM v2 token "kasane" (serial 0a1b)`, and loudly if it is software.
impl std::fmt::Display for TokenFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.kind == BackendKind::Software {
            f.write_str("development keys in software: ")?;
        }
        write!(
            f,
            "{} token {:?} of {} (serial {})",
            self.identity.model, self.label, self.identity.manufacturer, self.identity.serial
        )
    }
}

/// Opens a session that can make keys too, where the token allows it. It is closed by [`close`]
/// alone: a handle that outlives the library's state may by then be another's.
pub(super) fn open_session(pkcs11: &Pkcs11, slot: Slot) -> Result<Session, CallError> {
    match pkcs11.open_rw_session_no_drop(slot) {
        Err(CallError::Pkcs11(RvError::TokenWriteProtected, _)) => {
            pkcs11.open_ro_session_no_drop(slot)
        }
        result => result,
    }
}

/// Closes a session of the library's present state.
pub(super) fn close(session: Session) {
    if let Err(error) = session.close() {
        tracing::debug!(%error, "C_CloseSession");
    }
}
