//! A CA: one that may sign, or one that is known and whose key is elsewhere.

use der::{Decode, Encode};
use kasane_hsm::{KeyLabel, KeyRole};
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;

use crate::pipeline::SignerIdentity;
use crate::projection::unpadded;

/// A CA: its identity, certificate and CRL series.
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
    /// Whether it was ended: it signs its final CRLs and nothing else.
    pub ended: bool,
    /// When it was taken over, if its key had been used elsewhere: certificates that it issued before
    /// are not known here.
    pub imported_at: Option<UnixTime>,
}

impl Issuer {
    /// The CA of a certificate; none when it has no key identifier or cannot be read.
    pub(crate) fn of_certificate(
        name: &str,
        issued_by: &str,
        key_label: Option<KeyLabel>,
        crl_shards: u32,
        der: Vec<u8>,
    ) -> Option<Self> {
        let certificate = Certificate::from_der(&der).ok()?;
        let subject = certificate.subject().der().to_vec();
        let signer = SignerIdentity {
            name: name.to_owned(),
            subject: x509_cert::name::Name::from_der(&subject).ok()?,
            subject_der: subject,
            ski: certificate.extensions().subject_key_id?.to_vec(),
            key_algorithm: certificate.public_key_info().ok()?.algorithm(),
            key_label,
            key_role: if issued_by == name {
                KeyRole::RootCa
            } else {
                KeyRole::IssuingCa
            },
            not_before: Some(certificate.not_before()),
            not_after: Some(certificate.not_after()),
        };
        // What signs must name itself as its certificate does.
        if signer.subject.to_der().ok()? != signer.subject_der {
            return None;
        }
        Some(Self {
            issued_by: issued_by.to_owned(),
            serial: unpadded(certificate.serial()).to_vec(),
            spki: certificate.spki().to_vec(),
            not_after: certificate.not_after(),
            crl_shards,
            ended: false,
            imported_at: None,
            signer,
            certificate_der: der,
        })
    }

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

    /// Whether its key is here. If not, its certificates and CRLs are made elsewhere and imported.
    #[must_use]
    pub const fn has_key(&self) -> bool {
        self.signer.key_label.is_some()
    }

    /// Whether OCSP is to be answered for it, so that it wants a signer: an issuing CA whose key is here,
    /// which goes on and has not expired at `now`.
    #[must_use]
    pub fn wants_ocsp_signer(&self, now: UnixTime) -> bool {
        !self.is_root() && self.has_key() && !self.ended && self.not_after > now
    }

    /// Since when every status of its certificates is kept (RFC 6960 §4.4.4): its own beginning, or when
    /// it was taken over.
    #[must_use]
    pub fn known_since(&self) -> Option<UnixTime> {
        self.imported_at.or(self.signer.not_before)
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
