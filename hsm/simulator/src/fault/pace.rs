//! The device's time.

use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::protocol::Algorithm;

/// How long commands take.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// As long as they need.
    #[default]
    None,
    /// As long as a device needs for a signature (YubiHSM 2 data sheet, averages). Commands other
    /// than signatures are not slowed down.
    Device,
}

impl Pace {
    /// The least time that a signature takes.
    #[must_use]
    pub const fn of_signature(self, algorithm: Algorithm) -> Duration {
        Duration::from_millis(match (self, algorithm) {
            (Self::None, _) => 0,
            (Self::Device, Algorithm::Rsa2048) => 139,
            (Self::Device, Algorithm::Rsa3072) => 504,
            (Self::Device, Algorithm::Rsa4096) => 852,
            (Self::Device, Algorithm::P256) => 73,
            (Self::Device, Algorithm::P384) => 120,
            (Self::Device, Algorithm::P521) => 210,
            (Self::Device, Algorithm::Ed25519) => 105,
            (Self::Device, _) => 0,
        })
    }
}
