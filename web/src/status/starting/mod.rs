//! Status while what it is answered from is being started: the listener is there from the first moment.
//!
//! After an unclean power-down the projection of ten million certificates is made anew for minutes. Who
//! asks meanwhile is told so in the words of the protocol, and need not guess from a refused connection.

mod answers;
mod gate;
mod startup;

pub use gate::{GateService, StatusGate};
pub use startup::Startup;
