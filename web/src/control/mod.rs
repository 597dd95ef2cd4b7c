//! The operator's commands: what can be asked, what is answered, and the socket they come through.
//!
//! The command line calls [`dispatch`] itself when it holds the data folder, and sends the same
//! [`Request`] over [`ControlSocket`] while a service holds it: both ways give the same answer.

mod context;
mod describe;
mod dispatch;
mod entry;
mod left_out;
mod mass_progress;
mod operation;
mod problem;
mod request;
mod response;
mod server;
mod socket_path;
mod wire;

pub use context::Context;
pub use describe::describe_certificate;
pub use dispatch::dispatch;
pub use entry::entry_view;
pub use left_out::LeftOutDevice;
pub use operation::devices::{describe_devices, recorded_keys};
pub use operation::ledger::{audit, read_entries};
pub use operation::policy::explain;
pub use operation::verify::{Grounds, verify_chain};
pub use problem::{ExitClass, Problem};
pub use request::*;
pub use response::*;
pub use server::ControlSocket;
pub use socket_path::SocketPath;
pub use wire::{API_VERSION, COMMAND_PATH, Envelope, MAX_REQUEST_BYTES, Reply};

#[cfg(test)]
mod tests;
