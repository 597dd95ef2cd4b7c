//! Simulators that were set up as production devices are.

use kasane_hsm::config::{
    Access, AuthenticationConfig, Credential, CredentialSource, OcspSignerKeys, YubiHsmConfig,
};
use kasane_hsm::yubihsm::provision::{CommissionPlan, Login, commission};
use kasane_hsm::{DeviceName, Error, YubiHsmDevice};
use zeroize::Zeroizing;

/// Replaces the default credential of a simulator by the three of an authority, with forced audit.
pub(crate) fn set_up(url: &str) {
    let login = |key_id, name| Login {
        key_id,
        password: password(name),
    };
    let plan = CommissionPlan {
        ceremony: login(2, "ceremony"),
        signing: login(3, "signing"),
        audit: login(4, "audit"),
        ocsp_signers: OcspSignerKeys::Software,
    };
    let default = Login {
        key_id: 1,
        password: Zeroizing::new(b"password".to_vec()),
    };
    commission(url, None, &default, &plan).unwrap();
}

/// A device over a simulator that was set up.
pub(crate) fn device(name: &str, url: &str, access: Access) -> YubiHsmDevice {
    device_with(name, url, access, &Passwords)
}

pub(crate) fn device_with(
    name: &str,
    url: &str,
    access: Access,
    passwords: &dyn CredentialSource,
) -> YubiHsmDevice {
    let login = |key_id, name: &str| {
        Some(AuthenticationConfig {
            key_id,
            password: Credential::Environment(name.to_owned()),
        })
    };
    let config = YubiHsmConfig {
        connector: url.to_owned(),
        serial: None,
        simulator: true,
        simulator_state: None,
        ceremony: login(2, "ceremony"),
        signing: login(3, "signing"),
        audit: login(4, "audit"),
    };
    let name = DeviceName::new(name).unwrap();
    YubiHsmDevice::open(name, &config, &[], access, passwords).unwrap()
}

fn password(name: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(format!("the long {name} password").into_bytes())
}

/// Gives the passwords by their names.
struct Passwords;

impl CredentialSource for Passwords {
    fn resolve(&self, credential: &Credential, purpose: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        match credential {
            Credential::Environment(name) => Ok(password(name)),
            Credential::File(_) | Credential::Prompt(_) => Err(Error::WrongCredential {
                backend: purpose.to_owned(),
                credential: "password".to_owned(),
                reason: "only names are known here".to_owned(),
            }),
        }
    }
}
