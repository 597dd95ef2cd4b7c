//! Why a pool cannot be made.

use crate::DeviceName;

/// Why a pool cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// A pool of nothing.
    #[error("pool has no device: configure at least one")]
    NoMember,
    /// Two devices of one name: counters, alarms and rejections would mix them up.
    #[error("pool has two devices of the name {device}: rename one")]
    NameTwice {
        /// The name.
        device: DeviceName,
    },
    /// The system gives no thread.
    #[error("pool cannot start a thread for {device}: {reason}")]
    Thread {
        /// For which device, or `the pool`.
        device: String,
        /// What the system said.
        reason: String,
    },
}

impl PoolError {
    /// A stable code for programs: never reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoMember => "pool.no-member",
            Self::NameTwice { .. } => "pool.name-twice",
            Self::Thread { .. } => "pool.thread",
        }
    }
}
