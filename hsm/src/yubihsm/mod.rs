//! The YubiHSM 2, over `yubihsm-connector` or USB, with the crate `yubihsm` as its client.
//!
//! ```text
//! device, command_log, wrapping     the contracts
//!   catalogue, generation, key      objects: which there are, how one is made, how one signs
//!     lane                          one command at a time; sessions opened, lost, opened anew
//!       channel, fault              a credential's session; what a failure means
//!         link                      the relay to the connector, or USB
//! ```
//!
//! What the crate cannot do, and what is done about it:
//! * it corrupts an HTTP answer that arrives in two reads: [`link`] hands answers on in one;
//! * it tells neither an error outside of the secure channel nor whether a command was sent: the relay does;
//! * it knows no time limit but 20 s: the relay limits, and generations are looked up again;
//! * it gives nobody a session to close: the relay follows each and can say its last word; one that was
//!   lost all the same is counted until the device has dropped it;
//! * it signs RSA PKCS#1 v1.5 with SHA-256 alone: so do all RSA keys of an authority;
//! * it panics over some answers: the relay keeps those from it, and a panic costs the session only;
//! * its log entries lose an octet and stop at unknown commands: [`command_log`] restores and refuses.

mod algorithm;
mod catalogue;
mod channel;
mod command_log;
mod core;
mod device;
mod domain;
mod fault;
mod foreign;
mod generation;
mod key;
mod lane;
mod link;
mod object_id;
pub mod provision;
mod wrapping;

pub use device::YubiHsmDevice;
pub use link::Announced;
pub use wrapping::WRAP_KEY_LABEL;

use crate::config::YubiHsmConfig;

/// What the device says of itself to anybody, before a credential is read; `None` if it says nothing, or
/// by USB.
#[must_use]
pub fn announced(config: &YubiHsmConfig) -> Option<Announced> {
    Announced::ask(&config.connector)
}

/// Whether the device is none, by what the configuration says and what its connector says of itself.
/// Needs no credential. `false` where neither says anything: only attestations show a device.
#[must_use]
pub fn is_simulator(config: &YubiHsmConfig) -> bool {
    link::Word::of_connector(&config.connector)
        .configured(config.simulator)
        .is_simulator()
}
