//! What listens: the connector's HTTP, and the control of the faults.

mod answer_body;
mod conduct;
mod connector;
mod control;
mod engine;
mod listening;

pub use listening::{Listening, run};
