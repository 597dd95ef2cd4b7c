//! Edge responders: programs elsewhere that answer about status with keys of their own.

use der::Sequence;
use der::asn1::OctetString;

/// An edge responder may follow the ledger and be given OCSP signers from here on.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct ResponderEnrolled {
    /// Its name.
    pub name: String,
    /// Where relying systems ask it; empty when nobody said.
    pub url: String,
    /// SHA-256 of the token by which it is known, 32 bytes.
    pub token_sha256: OctetString,
}

/// An edge responder may do nothing from here on; its signers are revoked by entries of their own.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct ResponderRemoved {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// A delegated OCSP signer whose key is at an edge responder answers for an issuer from here on.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct ResponderSignerActivated {
    /// The edge responder.
    pub responder: String,
    /// The issuer it answers for.
    pub issuer: String,
    /// The label of its key, there.
    pub key_label: String,
    /// The ledger index of its certificate's record.
    pub record: u64,
    /// Seconds from thisUpdate to nextUpdate of its responses.
    pub window_seconds: i64,
}

/// How many OCSP responses an edge responder says that a key of its signed.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct ResponderSignaturesCounted {
    /// The edge responder.
    pub responder: String,
    /// The key's label, there.
    pub key_label: String,
    /// Signatures since the last such entry.
    pub count: u64,
}
