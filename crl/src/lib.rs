//! Certificate revocation lists: built, sharded, published.
//!
//! - [`TbsEncoder`] encodes the `TBSCertList` of a plan while its entries come out of the store;
//!   linting, recording and signing it is the way through
//!   `kasane_ca_core::authority::Authority::issue_crl`.
//! - [`Publisher`] knows when which list is due ([`Schedule`]) and holds the newest of each.

mod build;
mod due;
mod encoder;
mod make;
mod many;
mod published;
mod publisher;
mod schedule;
mod series;
mod sweep;
mod taken_over;
mod waiting;

pub use encoder::TbsEncoder;
pub use kasane_ca_core::authority::CrlKind;
pub use published::PublishedCrl;
pub use publisher::Publisher;
pub use schedule::Schedule;
pub use sweep::{Failed, Sweep};
