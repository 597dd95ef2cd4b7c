//! A YubiHSM 2 in software, for tests and demonstrations.
//!
//! It speaks the connector's HTTP and the device's secure channel, keeps objects, permissions and
//! the log as the device does, and misbehaves on request. It is written from the device's public
//! documentation and shares no code with the client, so that one checks the other. It is not a
//! device: keys in it are not protected, and its attestation root says so.
//!
//! Sources: YubiHSM 2 User Guide (Core Concepts, Command Reference, Logging), GlobalPlatform SCP03.

pub mod args;
pub mod attestation;
pub mod channel;
pub mod device;
pub mod error;
pub mod fault;
pub mod key;
pub mod log;
pub mod object;
pub mod options;
pub mod protocol;
mod random;
pub mod server;
pub mod simulator;
pub mod state;

pub use args::Args;
pub use error::Error;
pub use fault::{Garbage, Misbehaviour, Occasion, Pace};
pub use options::{ControlAddress, Firmware, Options};
pub use server::{Handle, Listening, Status, run};
pub use simulator::Simulator;
