//! How soon a revocation is known: each responder is asked as a client asks it, and what it says is
//! believed as a client believes it, or not.
//!
//! A responder is whatever answers HTTP at an address: this service, an edge, a proxy in front. Whoever
//! answers must sign with a key that the ledger records, an edge with one of its own. An edge whose
//! address nobody said is waited for by what it tells the feed.

mod authority_roster;
mod endpoint;
mod exchange;
mod following;
mod known;
mod observation;
mod question;
mod roster;
mod seen;
mod settings;
mod signed_by;
mod subject;
#[cfg(test)]
mod tests;
mod waiting;
mod watch;

pub use authority_roster::AuthorityRoster;
pub(crate) use authority_roster::roster_of;
pub use endpoint::Endpoint;
pub use observation::{Observation, What};
pub use roster::{Edge, Roster, RosterSource, Signer};
pub use seen::Seen;
pub use settings::{CanarySettings, RevocationSettings};
pub use subject::{BadSubject, Subject};
pub use watch::Watch;
