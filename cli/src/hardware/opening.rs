//! One device, by its table.

use std::sync::Arc;

use kasane_ca_core::signing::SigningError;
use kasane_hsm::config::{Access, DeviceConfig};
use kasane_hsm::{Device, DeviceName, Error, Pkcs11Device, YubiHsmDevice};
use kasane_web::control::Problem;

use super::{Credentials, HardwareConfig};

/// Opens a device for one kind of use. A YubiHSM is first asked by the first command; a token that
/// is not there now may come later.
pub(crate) fn open_device(
    config: &HardwareConfig,
    device: &DeviceConfig,
    access: Access,
    credentials: &Credentials,
) -> Result<Arc<dyn Device>, Error> {
    let name = DeviceName::new(&device.name)?;
    let keys = &device.keys;
    match (&device.yubihsm, &device.pkcs11) {
        (Some(yubihsm), _) => YubiHsmDevice::open(name, yubihsm, keys, access, credentials)
            .map(|it| Arc::new(it) as _),
        (None, Some(pkcs11)) => {
            let opened = Pkcs11Device::unconnected(name, pkcs11, keys, credentials)?;
            match opened.probe() {
                Ok(()) => {}
                Err(error @ (Error::WrongCredential { .. } | Error::WrongDevice { .. })) => {
                    return Err(error);
                }
                Err(error) => {
                    tracing::warn!(device.name = device.name, code = error.code(), %error, "token");
                }
            }
            Ok(Arc::new(opened))
        }
        (None, None) => Err(Error::BadConfiguration {
            backend: config.path.display().to_string(),
            reason: format!("device {}: is neither a YubiHSM nor a token", device.name),
        }),
    }
}

/// A device's error as a command tells it.
pub(crate) fn problem(error: Error) -> Problem {
    Problem::from(kasane_ca_core::Error::from(SigningError::from(error)))
}
