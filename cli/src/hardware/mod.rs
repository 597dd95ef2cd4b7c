//! Keys in hardware: from `hsm.toml` to devices that are ready.

mod configuration;
mod credentials;
mod environment;
mod managed_simulator;

pub(crate) use configuration::HardwareConfig;
pub(crate) use credentials::Credentials;
pub(crate) use environment::give_environment;
pub(crate) use managed_simulator::ManagedSimulators;
