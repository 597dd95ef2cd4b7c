//! What must stay erasable is kept elsewhere; the ledger holds commitments.

use der::Sequence;
use der::asn1::OctetString;

/// A salted commitment to a record of the private log.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct PrivateCommitted {
    /// The subject whose key encrypts the record: `facility/1312345678`.
    pub subject: String,
    /// SHA-256 over salt and plaintext, 32 bytes; the salt stands in the encrypted record.
    pub commitment: OctetString,
}

/// The key of a subject was destroyed: its private records can no longer be read.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct PrivateErased {
    /// The subject.
    pub subject: String,
    /// Why it had to go.
    pub reason: String,
}
