//! The one door to the keys.
//!
//! Only this module signs. It checks the key's role against the kind of thing, takes a type that
//! only the previous step can make, and verifies each signature against the signer's public key
//! before letting it out (several libraries do not: a faulty device would publish a bad signature).
//! That is the key on record, not the one that a device shows today.
//!
//! No attempt at a device goes unnoted: a record is the first one, further ones are noted by the
//! authority, and what has no record is reserved in blocks ([`SignatureNotes`]) and counted.

mod checkpoint;
mod door;
mod error;
mod notes;
mod product;
mod usage;

pub use checkpoint::LedgerKey;
pub use door::{Refused, Signed, SigningDoor};
pub use error::SigningError;
pub use notes::{SignatureNotes, WrongSignature};
pub use product::Product;
