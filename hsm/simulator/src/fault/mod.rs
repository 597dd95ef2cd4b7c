//! Faults on request.

mod fault_plan;
mod misbehaviour;
mod pace;

pub use fault_plan::{Effects, FaultPlan};
pub use misbehaviour::{Garbage, Misbehaviour, Occasion};
pub use pace::Pace;
