//! Clients that ask for status again and again, and a checker that holds each answer against what was
//! revoked when.
//!
//! - [`Watched`] is a certificate that is asked about, with what is known of its revocation.
//! - [`Exchange`] is one answer with its times; [`Exchange::judge`] says whether it may be.
//! - [`Checker`] runs clients against several endpoints and remembers what they heard.
//! - [`CrlReader`] reads their CRLs meanwhile, and checks each.
//! - [`revocations`] reads what the ledger says in the end.

mod checker;
mod crls;
mod endpoint;
mod exchange;
mod ledger;
mod question;
mod watched;

pub use checker::{Checker, Counts};
pub use crls::CrlReader;
use endpoint::Failure;
pub use endpoint::{Endpoint, Outage};
pub use exchange::{Exchange, Said};
pub use ledger::{Revocation, Revocations, revocations};
pub use question::{Method, Question};
pub use watched::Watched;
