//! What the ledger's entries mean: the state they add up to.
//!
//! `apply` is a pure function of the entries and the state before them, so that any replay gives
//! the same tables. Each table has one module here, which owns its keys and rows.

pub mod books;
pub mod certificate;
pub mod certification_request;
pub mod crl;
pub mod document;
pub mod issuer;
pub mod key;
pub mod mass_revocation;
pub mod meta;
pub mod open_record;
pub mod private;
pub mod registration;
pub mod request_key;
pub mod responder;
pub mod revocation;
pub mod subject_key;

mod applied;
mod apply;
mod observer;
mod provisional;
mod revoke;
mod row;
mod spreader;
mod status_changes;
mod unspread;
mod view;

pub use apply::{ApplyError, apply};
pub(crate) use apply::{CLOCK_ACCEPTED, unpadded};
pub use observer::ProjectionObserver;
pub use provisional::Provisional;
pub use spreader::Spreader;
pub use status_changes::StatusChanges;
pub use view::View;
