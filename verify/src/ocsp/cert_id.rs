//! The name of a certificate in OCSP.

use der::Sequence;
use der::asn1::{Any, Int, OctetString};
use spki::AlgorithmIdentifierOwned;

use super::OcspError;
use crate::crypto::{CryptoProvider, DigestAlgorithm};
use crate::spki::key_bytes;

/// `CertID` (RFC 6960 §4.1.1). A response repeats the request's, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct CertId {
    /// The digest of the next two fields.
    pub hash_algorithm: AlgorithmIdentifierOwned,
    /// Digest of the issuer's distinguished name in DER.
    pub issuer_name_hash: OctetString,
    /// Digest of the issuer's key: content of the BIT STRING, without tag, length and unused bits.
    pub issuer_key_hash: OctetString,
    /// The certificate's serial number.
    pub serial_number: Int,
}

impl CertId {
    /// The identifier of serial number `serial` (content octets of its INTEGER, as
    /// `Certificate::serial` gives them) of an issuer.
    ///
    /// # Errors
    /// When `issuer_spki` is no SPKI or the serial is no DER integer.
    pub fn new(
        crypto: &dyn CryptoProvider,
        digest: DigestAlgorithm,
        issuer_name: &[u8],
        issuer_spki: &[u8],
        serial: &[u8],
    ) -> Result<Self, OcspError> {
        Ok(Self {
            // NULL, since that is what most clients send and some compare octets.
            hash_algorithm: AlgorithmIdentifierOwned {
                oid: digest.oid(),
                parameters: Some(Any::null()),
            },
            issuer_name_hash: OctetString::new(crypto.digest(digest, issuer_name))?,
            issuer_key_hash: OctetString::new(crypto.digest(digest, key_bytes(issuer_spki)?))?,
            serial_number: Int::new(serial)?,
        })
    }

    /// The digest, when it is one of ours with absent or NULL parameters.
    #[must_use]
    pub fn digest(&self) -> Option<DigestAlgorithm> {
        let digest = DigestAlgorithm::from_oid(self.hash_algorithm.oid)?;
        let plain = self
            .hash_algorithm
            .parameters
            .as_ref()
            .is_none_or(Any::is_null);
        let length = digest.length_bytes();
        let sized = self.issuer_name_hash.as_bytes().len() == length
            && self.issuer_key_hash.as_bytes().len() == length;
        (plain && sized).then_some(digest)
    }

    /// The content octets of the serial number.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.serial_number.as_bytes()
    }

    /// Whether both name the same certificate, whatever the form of the digest's parameters.
    #[must_use]
    pub fn same_certificate(&self, other: &Self) -> bool {
        self.hash_algorithm.oid == other.hash_algorithm.oid
            && self.issuer_name_hash == other.issuer_name_hash
            && self.issuer_key_hash == other.issuer_key_hash
            && self.serial_number == other.serial_number
    }

    /// Whether it names serial number `serial` of this issuer.
    #[must_use]
    pub fn matches(
        &self,
        crypto: &dyn CryptoProvider,
        issuer_name: &[u8],
        issuer_spki: &[u8],
        serial: &[u8],
    ) -> bool {
        // The cheap comparison first: hashing is work that a wrong serial number need not cost.
        self.serial() == serial
            && self.digest().is_some_and(|digest| {
                key_bytes(issuer_spki).is_ok_and(|key| {
                    crypto.digest(digest, issuer_name) == self.issuer_name_hash.as_bytes()
                        && crypto.digest(digest, key) == self.issuer_key_hash.as_bytes()
                })
            })
    }
}
