//! A device's word about a key.

/// A device's statement that a key was made in it. Certificates are DER; this crate does not read
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// The statement: a certificate of the attested key.
    pub certificate: Vec<u8>,
    /// What leads from the statement towards the manufacturer's root, nearest first.
    pub chain: Vec<Vec<u8>>,
}
