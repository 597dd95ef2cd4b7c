//! The device: objects, sessions, log, and what each command does to them.

mod authorization;
mod command;
mod commit;
mod counters;
mod dispatch;
mod exchange;
mod hostile;
mod machine;

pub use counters::Counters;
pub use hostile::exchange_hostile;
pub use machine::Device;
