//! Certificate revocation lists: built, sharded, published.
//!
//! - [`tbs_cert_list`] encodes the `TBSCertList` of a plan; linting, recording and signing it is the
//!   way through `kasane_ca_core::authority::Authority::issue_crl`.
//! - [`Publisher`] knows when which list is due ([`Schedule`]) and holds the newest of each.

mod build;
mod many;
mod published;
mod publisher;
mod schedule;
mod taken_over;

pub use build::tbs_cert_list;
pub use kasane_ca_core::authority::CrlKind;
pub use published::PublishedCrl;
pub use publisher::{Failed, Publisher, Sweep};
pub use schedule::Schedule;
