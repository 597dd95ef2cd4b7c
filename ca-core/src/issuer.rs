//! A CA that may sign.

use kasane_verify::UnixTime;

use crate::pipeline::SignerIdentity;

/// A CA that may sign: its identity, certificate and CRL series.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Name, key and limits.
    pub signer: SignerIdentity,
    /// Its certificate, DER.
    pub certificate_der: Vec<u8>,
    /// Its key, DER `SubjectPublicKeyInfo`.
    pub spki: Vec<u8>,
    /// The name of the issuer of its certificate; its own name for a root.
    pub issued_by: String,
    /// The serial of its certificate.
    pub serial: Vec<u8>,
    /// CRL shards, a power of two.
    pub crl_shards: u32,
    /// The end of its certificate.
    pub not_after: UnixTime,
}

impl Issuer {
    /// The issuer's name: `issuing-ecc-terminal`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.signer.name
    }

    /// Whether it signed its own certificate.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.issued_by == self.signer.name
    }

    /// The shard of a serial number: its last octet, modulo the number of shards.
    #[must_use]
    pub fn shard_of(&self, serial: &[u8]) -> u32 {
        shard_of(self.crl_shards, serial)
    }
}

/// The shard of a serial number among `shards`, a power of two.
#[must_use]
pub fn shard_of(shards: u32, serial: &[u8]) -> u32 {
    u32::from(serial.last().copied().unwrap_or(0)) & shards.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shard_is_chosen_by_the_last_octet() {
        assert_eq!(shard_of(16, &[1, 2, 0x3F]), 15);
        assert_eq!(shard_of(16, &[1, 2, 0x40]), 0);
        assert_eq!(shard_of(1, &[1, 2, 0xFF]), 0);
    }
}
