//! What must be kept but must also be erasable: contacts, names of people.
//!
//! Records share the ledger's group commit, encrypted under a key per subject; the ledger holds
//! salted commitments. Erasure destroys the subject's key, and the record with it.

mod error;
mod keys;
mod record;

pub use error::PrivateError;
pub use keys::SubjectKeys;
pub use record::{Sealed, open, seal};
