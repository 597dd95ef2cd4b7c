//! How soon a revocation is known: each responder is asked as a client asks it, and what it says is
//! believed as a client believes it, or not.
//!
//! A responder is whatever answers HTTP at an address: this service, an edge, a proxy in front.

mod endpoint;
mod exchange;
mod seen;
mod settings;
mod subject;
mod watch;

pub use endpoint::Endpoint;
pub(crate) use endpoint::with_enrolled;
pub use seen::Seen;
pub use settings::{CanarySettings, RevocationSettings};
pub use subject::{BadSubject, Subject};
pub use watch::{Observation, Watch, What};
