//! The device's own log of commands.

mod audit_options;
mod log_entry;
mod log_store;

pub use audit_options::{AuditOption, AuditOptions};
pub use log_entry::LogEntry;
pub use log_store::{CAPACITY, LogStore};
