//! What the door lets out, and what it gives back.

use crate::pipeline::Recorded;
use crate::signing::SigningError;

/// A signature that verified, with what it is over.
#[derive(Debug)]
pub struct Signed<T> {
    pub(super) index: u64,
    pub(super) tbs: T,
    pub(super) signature: Vec<u8>,
}

/// No signature; the record comes back so that another attempt can be noted and made.
#[derive(Debug)]
pub struct Refused<T> {
    /// The unsigned record.
    pub recorded: Recorded<T>,
    /// Why.
    pub error: SigningError,
}

impl<T> Signed<T> {
    /// Ledger index of the record, what was signed, and the signature.
    pub(crate) fn into_parts(self) -> (u64, T, Vec<u8>) {
        (self.index, self.tbs, self.signature)
    }
}
