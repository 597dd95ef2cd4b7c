//! Why an `hsm.toml` is refused.

/// Why an `hsm.toml` is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not the TOML that was expected.
    #[error("HSM configuration: {reason}")]
    Syntax {
        /// What does not fit and where.
        reason: String,
    },
    /// Too large.
    #[error("HSM configuration: {bytes} bytes; at most 65536 are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// No device, or too many.
    #[error("HSM configuration: {count} devices; write 1 to 32 [[device]] tables")]
    DeviceCount {
        /// How many.
        count: usize,
    },
    /// A device's table does not fit.
    #[error("HSM configuration: device {device:?}: {reason}")]
    Device {
        /// Its name.
        device: String,
        /// What does not fit.
        reason: String,
    },
}

impl ConfigError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "hsm.config-syntax",
            Self::TooLarge { .. } => "hsm.config-too-large",
            Self::DeviceCount { .. } => "hsm.config-device-count",
            Self::Device { .. } => "hsm.config-device",
        }
    }
}
