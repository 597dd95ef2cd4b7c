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

impl Attestation {
    /// The statement and its chain, DER one after another.
    #[must_use]
    pub fn concatenated(&self) -> Vec<u8> {
        let mut all = self.certificate.clone();
        all.extend(self.chain.iter().flatten());
        all
    }
}
