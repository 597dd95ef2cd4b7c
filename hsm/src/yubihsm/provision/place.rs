//! Where the device is that is set up.

use crate::config::YubiHsmConfig;

/// Where the device is, and what is known of it before it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The connector, as in `hsm.toml`.
    pub connector: &'a str,
    /// Refuses another device.
    pub serial: Option<u32>,
    /// Whether the configuration says that it is none.
    pub simulator: bool,
}

impl<'a> Place<'a> {
    /// As the configuration says. A serial number that is none is left out.
    #[must_use]
    pub fn of(config: &'a YubiHsmConfig) -> Self {
        Self {
            connector: &config.connector,
            serial: config.serial.as_deref().and_then(|it| it.parse().ok()),
            simulator: config.simulator,
        }
    }
}
