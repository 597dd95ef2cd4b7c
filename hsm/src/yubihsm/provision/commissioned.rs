//! What was done to a device.

use crate::DeviceIdentity;

/// Whether a step was needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done now.
    Done,
    /// It was so already.
    There,
}

/// What was done to a device, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commissioned {
    /// Which device it is.
    pub identity: DeviceIdentity,
    /// The credential of ceremonies.
    pub ceremony: Outcome,
    /// The credential that signs.
    pub signing: Outcome,
    /// The credential that reads the log.
    pub audit: Outcome,
    /// Forced audit and the commands that are logged.
    pub audit_options: Outcome,
    /// The default authentication key is gone.
    pub default_key: Outcome,
}
