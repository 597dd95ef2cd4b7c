//! Where the devices' logs of commands go.

use crate::device::LogPage;
use crate::{DeviceIdentity, DeviceName, Error, KeyLabel};

/// The log could not be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("command log could not be stored: {reason}")]
pub struct SinkError {
    /// What the store said.
    pub reason: String,
}

/// Keeps what devices say they did.
pub trait LogSink: Send + Sync {
    /// Stores a page; returns when it is durable, for the device is then told that it may overwrite
    /// the entries. After a crash in between the same entries come again.
    ///
    /// `labels` names the signing keys among the entries' targets. Called without any lock of the
    /// pool, on the device's own lane: nothing in it may wait for a signature of this pool.
    ///
    /// # Errors
    /// [`SinkError`]; the device keeps the entries then.
    fn store(
        &self,
        device: &DeviceName,
        identity: &DeviceIdentity,
        page: &LogPage,
        labels: &[(u16, KeyLabel)],
    ) -> Result<(), SinkError>;
}

/// Why a log was not drained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrainError {
    /// No sink is set.
    #[error("command log has nowhere to go: no sink is set")]
    NoSink,
    /// The device failed.
    #[error(transparent)]
    Device(#[from] Error),
    /// The sink failed.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

impl DrainError {
    /// A stable code for programs: never reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSink => "pool.no-sink",
            Self::Device(error) => error.code(),
            Self::Sink(_) => "pool.sink-failed",
        }
    }
}
