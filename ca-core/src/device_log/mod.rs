//! Where the devices' own logs of commands go: into the ledger, before a device may overwrite them.

mod sink;

pub use sink::{DeviceLogError, DeviceLogSink};
