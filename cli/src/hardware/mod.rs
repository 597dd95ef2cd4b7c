//! Keys in hardware: from `hsm.toml` to devices that are ready.

mod alarms;
mod configuration;
mod copying;
mod credentials;
mod environment;
mod managed_simulator;
mod noting;
mod opened;
mod opening;

use alarms::Alarms;
pub(crate) use configuration::{FILE_NAME, HardwareConfig, attestation_roots};
pub(crate) use copying::{clone_key, device, export, import, labels, wrapping};
pub(crate) use credentials::Credentials;
pub(crate) use environment::give_environment;
pub(crate) use managed_simulator::ManagedSimulators;
pub(crate) use noting::note;
pub(crate) use opened::Hardware;
pub(crate) use opening::{open_device, problem};
