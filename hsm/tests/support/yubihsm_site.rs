//! Simulators that were set up as production devices are.

use kasane_hsm::config::{
    Access, AuthenticationConfig, Credential, CredentialSource, ForeignKey, OcspSignerKeys,
    YubiHsmConfig,
};
use kasane_hsm::yubihsm::provision::{CommissionPlan, Login, Place, commission};
use kasane_hsm::{DeviceName, Error, YubiHsmDevice};
use zeroize::Zeroizing;

pub(crate) const CEREMONY: u16 = 2;
pub(crate) const SIGNING: u16 = 3;
pub(crate) const AUDIT: u16 = 4;

/// Replaces the default credential of a simulator by the three of an authority, with forced audit.
pub(crate) fn set_up(url: &str) {
    commission(&place(url), &default_login(), &plan()).unwrap();
}

/// Where a simulator is.
pub(crate) const fn place(url: &str) -> Place<'_> {
    Place {
        connector: url,
        serial: None,
        simulator: true,
    }
}

/// The three credentials; each password says its name.
pub(crate) fn plan() -> CommissionPlan {
    let login = |key_id, name| Login {
        key_id,
        password: password(name),
    };
    CommissionPlan {
        ceremony: login(CEREMONY, "ceremony"),
        signing: login(SIGNING, "signing"),
        audit: login(AUDIT, "audit"),
        ocsp_signers: OcspSignerKeys::Software,
    }
}

/// What a reset device has.
pub(crate) fn default_login() -> Login {
    Login {
        key_id: 1,
        password: Zeroizing::new(b"password".to_vec()),
    }
}

/// The configuration of a simulator that was set up.
pub(crate) fn config(url: &str) -> YubiHsmConfig {
    let login = |key_id, name: &str| {
        Some(AuthenticationConfig {
            key_id,
            password: Credential::Environment(name.to_owned()),
        })
    };
    YubiHsmConfig {
        connector: url.to_owned(),
        serial: None,
        simulator: true,
        simulator_state: None,
        ceremony: login(CEREMONY, "ceremony"),
        signing: login(SIGNING, "signing"),
        audit: login(AUDIT, "audit"),
        other_session_keys: Vec::new(),
    }
}

/// A device over a simulator that was set up.
pub(crate) fn device(name: &str, url: &str, access: Access) -> YubiHsmDevice {
    open(name, &config(url), &[], access, &Passwords).unwrap()
}

pub(crate) fn open(
    name: &str,
    config: &YubiHsmConfig,
    keys: &[ForeignKey],
    access: Access,
    passwords: &dyn CredentialSource,
) -> Result<YubiHsmDevice, Error> {
    let name = DeviceName::new(name).unwrap();
    YubiHsmDevice::open(name, config, keys, access, passwords)
}

fn password(name: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(format!("the long {name} password").into_bytes())
}

/// Gives the passwords by their names. A file's path is itself a password.
pub(crate) struct Passwords;

impl CredentialSource for Passwords {
    fn resolve(&self, credential: &Credential, purpose: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        match credential {
            Credential::Environment(name) => Ok(password(name)),
            Credential::File(path) => {
                Ok(Zeroizing::new(path.as_os_str().as_encoded_bytes().to_vec()))
            }
            Credential::Prompt(_) => Err(Error::WrongCredential {
                backend: purpose.to_owned(),
                credential: "password".to_owned(),
                reason: "nobody is there to be asked".to_owned(),
            }),
        }
    }
}
