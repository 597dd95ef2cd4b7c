//! What listens: the connector's HTTP, and the control of the faults.

mod answer_body;
mod conduct;
mod connector;
mod control;
mod engine;
mod handle;
mod listening;
mod status;

pub use handle::Handle;
pub use listening::{Listening, run};
pub use status::Status;
