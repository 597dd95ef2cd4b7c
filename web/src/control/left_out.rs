//! A device that could not be opened.

use kasane_hsm::DeviceName;

/// A configured device that the process goes on without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutDevice {
    /// Its name.
    pub name: DeviceName,
    /// Why it could not be opened.
    pub reason: String,
    /// Its preference in the configuration.
    pub preference: u8,
}
