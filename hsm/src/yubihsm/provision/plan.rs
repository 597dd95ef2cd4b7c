//! What a device is to become.

use std::fmt;

use zeroize::Zeroizing;

use super::rights;
use crate::Error;
use crate::config::{Access, OcspSignerKeys};

/// Shortest password, in bytes: the key derivation of the device's protocol has a fixed salt and
/// 10,000 rounds, so the password has to carry the strength. Long random ones are meant.
const MIN_PASSWORD_BYTES: usize = 12;

/// An authentication key's object ID and its password.
pub struct Login {
    /// Object ID.
    pub key_id: u16,
    /// Password.
    pub password: Zeroizing<Vec<u8>>,
}

/// The three credentials that a device gets in place of its default one.
#[derive(Debug)]
pub struct CommissionPlan {
    /// Makes, attests, exports and imports keys; signs with every key.
    pub ceremony: Login,
    /// Signs with the keys of issuing CAs and of the ledger.
    pub signing: Login,
    /// Reads and acknowledges the command log.
    pub audit: Login,
    /// Where OCSP signers live. In the device, the signing credential also makes keys, since those
    /// are short-lived and made without a ceremony.
    pub ocsp_signers: OcspSignerKeys,
}

impl CommissionPlan {
    /// The logins with what they are for.
    pub(super) fn logins(&self) -> [(Access, &Login); 3] {
        [
            (Access::Ceremony, &self.ceremony),
            (Access::Signing, &self.signing),
            (Access::Audit, &self.audit),
        ]
    }

    /// Object IDs differ from each other and from the default's, and passwords are long enough.
    pub(super) fn check(&self, backend: &str, default: &Login) -> Result<(), Error> {
        let refuse = |reason: String| {
            Err(Error::BadConfiguration {
                backend: backend.to_owned(),
                reason,
            })
        };
        let mut ids = vec![default.key_id];
        for (access, login) in self.logins() {
            let name = rights::name(access);
            if login.password.len() < MIN_PASSWORD_BYTES {
                return refuse(format!(
                    "the {name} password has {} bytes; write at least {MIN_PASSWORD_BYTES}",
                    login.password.len()
                ));
            }
            if login.key_id == 0 || login.key_id == u16::MAX || ids.contains(&login.key_id) {
                return refuse(format!(
                    "authentication key {} for {name} is the default's, another's or reserved",
                    login.key_id
                ));
            }
            ids.push(login.key_id);
        }
        Ok(())
    }
}

/// Without the password.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}
