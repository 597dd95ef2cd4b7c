//! One device, by its table.

use std::sync::Arc;

use kasane_ca_core::signing::SigningError;
use kasane_hsm::config::{Access, DeviceConfig};
use kasane_hsm::{Device, DeviceName, Error};
use kasane_web::control::Problem;

use super::{Credentials, HardwareConfig};

/// Opens a device for one kind of use.
pub(crate) fn open_device(
    config: &HardwareConfig,
    device: &DeviceConfig,
    access: Access,
    credentials: &Credentials,
) -> Result<Arc<dyn Device>, Error> {
    let _ = (config, access, credentials);
    let _name = DeviceName::new(&device.name)?;
    todo!()
}

/// A device's error as a command tells it.
pub(crate) fn problem(error: Error) -> Problem {
    Problem::from(kasane_ca_core::Error::from(SigningError::from(error)))
}
