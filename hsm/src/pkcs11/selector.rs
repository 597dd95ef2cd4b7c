//! Finds a token among the slots.

use cryptoki::error::{Error as CallError, RvError};
use cryptoki::slot::{Slot, TokenInfo};

use super::codes;
use super::fault::Fault;
use super::module::Library;
use crate::Error;

/// Which token is meant: by label, serial number or both.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    pub(super) label: Option<String>,
    pub(super) serial: Option<String>,
}

impl Selector {
    /// The slot that holds it now. Slots are numbered anew by some libraries, so nobody keeps one
    /// beyond a connection.
    pub(super) fn find(&self, library: &Library<'_>) -> Result<(Slot, TokenInfo), Fault> {
        let mut there = Vec::new();
        let mut found = Vec::new();
        for slot in library.slots_with_token()? {
            match library.pkcs11().get_token_info(slot) {
                Ok(info) if self.is_meant(&info) => found.push((slot, info)),
                Ok(info) if !info.token_initialized() => {}
                Ok(info) => there.push(format!("{:?} ({})", info.label(), info.serial_number())),
                Err(CallError::Pkcs11(RvError::CryptokiNotInitialized, function)) => {
                    return Err(CallError::Pkcs11(RvError::CryptokiNotInitialized, function).into());
                }
                Err(CallError::Pkcs11(code, _)) => {
                    there.push(format!("slot {slot}: {}", codes::name(code)));
                }
                Err(error) => there.push(format!("slot {slot}: {error}")),
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(token), true) => Ok(token),
            (Some(_), false) => Err(Error::WrongDevice {
                backend: self.to_string(),
                reason: format!("{} tokens fit; name the serial number too", found.len() + 1),
            }
            .into()),
            (None, _) if there.is_empty() => {
                Err(Fault::Missing("the library shows no token".to_owned()))
            }
            (None, _) => Err(Fault::Missing(format!(
                "it is not among the tokens that the library shows: {}",
                there.join(", ")
            ))),
        }
    }

    fn is_meant(&self, info: &TokenInfo) -> bool {
        let fits =
            |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|it| it == has);
        fits(&self.label, info.label()) && fits(&self.serial, info.serial_number())
    }
}

/// `PKCS#11 token "kasane" (serial 0a1b)`.
impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PKCS#11 token")?;
        if let Some(label) = &self.label {
            write!(f, " {label:?}")?;
        }
        if let Some(serial) = &self.serial {
            write!(f, " (serial {serial})")?;
        }
        Ok(())
    }
}
