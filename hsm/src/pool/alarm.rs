//! What people should hear of.

use crate::{DeviceName, KeyLabel};

/// A change that people should hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Alarm {
    /// A device rested and works again.
    BackInService {
        /// Which.
        device: DeviceName,
    },
    /// A credential is wrong, or it is another device: not asked again until it is enabled.
    Disabled {
        /// Which.
        device: DeviceName,
        /// What it said.
        reason: String,
    },
    /// The key under this label is not the one that most devices hold; the device is not asked for
    /// it.
    KeyDiffers {
        /// Which device.
        device: DeviceName,
        /// Which key.
        label: KeyLabel,
    },
    /// The device executes nothing until its log is drained, and nobody drains it.
    LogFull {
        /// Which.
        device: DeviceName,
    },
    /// The device's log could not be read several times in a row; the device signs on until its log
    /// is full.
    LogUnreadable {
        /// Which.
        device: DeviceName,
        /// The last failure.
        reason: String,
    },
    /// A signature did not verify, or the key is not the recorded one: not asked again until it is
    /// enabled.
    Quarantined {
        /// Which.
        device: DeviceName,
        /// What was found.
        cause: QuarantineCause,
        /// Why.
        reason: String,
    },
    /// Failures in a row: the device rests, and is probed before it is used again.
    Resting {
        /// Which.
        device: DeviceName,
        /// The last failure.
        reason: String,
    },
    /// The device's log could not be stored; the device signs on until its log is full.
    SinkFailed {
        /// Which.
        device: DeviceName,
        /// What the sink said.
        reason: String,
    },
}

/// What a device is quarantined for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuarantineCause {
    /// It is on record that it was quarantined, and not that it was enabled since.
    OnRecord,
    /// It holds a key under one of our labels that it did not make, or that could leave it.
    UnprotectedKey,
    /// It holds another key than the recorded one.
    WrongKey,
    /// Its signature did not verify.
    WrongSignature,
}

/// Hears alarms. Called without any lock of the pool, on a thread of the pool or of a caller: it
/// must not block for long. One that panics loses the alarm that it panicked over.
pub trait AlarmHook: Send + Sync {
    /// Something happened.
    fn alarm(&self, alarm: &Alarm);
}

impl Alarm {
    /// A stable code for programs: never reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BackInService { .. } => "pool.back-in-service",
            Self::Disabled { .. } => "pool.disabled",
            Self::KeyDiffers { .. } => "pool.key-differs",
            Self::LogFull { .. } => "pool.log-full",
            Self::LogUnreadable { .. } => "pool.log-unreadable",
            Self::Quarantined { .. } => "pool.quarantined",
            Self::Resting { .. } => "pool.resting",
            Self::SinkFailed { .. } => "pool.sink-failed",
        }
    }

    /// The device that it is about.
    #[must_use]
    pub const fn device(&self) -> &DeviceName {
        match self {
            Self::BackInService { device }
            | Self::Disabled { device, .. }
            | Self::KeyDiffers { device, .. }
            | Self::LogFull { device }
            | Self::LogUnreadable { device, .. }
            | Self::Quarantined { device, .. }
            | Self::Resting { device, .. }
            | Self::SinkFailed { device, .. } => device,
        }
    }

    /// Writes it to the log.
    pub(super) fn trace(&self) {
        let (code, device) = (self.code(), self.device());
        match self {
            Self::BackInService { .. } => {
                tracing::info!(device.name = %device, alarm = code, "device is back in service");
            }
            Self::KeyDiffers { label, .. } => {
                tracing::error!(device.name = %device, key.label = %label, alarm = code, "device holds another key under this label");
            }
            Self::LogFull { .. } => {
                tracing::error!(device.name = %device, alarm = code, "command log is full and cannot be drained");
            }
            Self::LogUnreadable { reason, .. } => {
                tracing::error!(device.name = %device, alarm = code, reason, "command log cannot be read");
            }
            Self::Disabled { reason, .. } | Self::Quarantined { reason, .. } => {
                tracing::error!(device.name = %device, alarm = code, reason, "device is out of service until it is enabled");
            }
            Self::Resting { reason, .. } => {
                tracing::warn!(device.name = %device, alarm = code, reason, "device rests after failures");
            }
            Self::SinkFailed { reason, .. } => {
                tracing::error!(device.name = %device, alarm = code, reason, "command log could not be stored");
            }
        }
    }
}
