//! The start of a service: its listener answers before the rest is there, and a signal ends it at any time.

mod ending;
mod front;
mod watch;

pub(crate) use ending::Ending;
pub(crate) use front::{Front, until};
pub(crate) use watch::Watch;
