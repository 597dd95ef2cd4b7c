//! The one door to the keys.
//!
//! Only this module signs. It checks the key's role against the kind of thing, takes a type that
//! only the previous step can make, and verifies each signature against the signer's public key
//! before letting it out (several libraries do not: a faulty device would publish a bad signature).

mod checkpoint;
mod door;
mod error;
mod product;

pub use checkpoint::LedgerKey;
pub use door::{Refused, Signed, SigningDoor};
pub use error::SigningError;
pub use product::Product;
