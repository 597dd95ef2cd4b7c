//! Certificate revocation lists (RFC 5280 §5), borrowed from their DER.

mod entry;
mod error;
mod index;
mod indexed;
mod issuing_distribution_point;

#[cfg(test)]
pub(crate) mod tests;

pub use entry::{Entries, RevokedCertificate};
pub use error::CrlError;
pub use indexed::{IndexedCrl, MAX_CRL_BYTES};
pub use issuing_distribution_point::{CertificateScope, IssuingDistributionPoint};

use const_oid::{ObjectIdentifier, ObjectIdentifierRef};
use der::asn1::BitStringRef;
use der::{Reader, Tag};

use crate::certificate::{
    AuthorityKeyId, DistributionPoints, GeneralNames, Malformed, owned, read_extension,
};
use crate::crypto::{CryptoError, PublicKey};
use crate::name::Name;
use crate::signature::{AlgorithmError, read_algorithm};
use crate::{SignatureAlgorithm, UnixTime, asn1, oid};

/// Most extensions of a CRL: RFC 5280 defines seven.
const MAX_EXTENSIONS: usize = 32;

/// A version 2 CRL, or a version 1 CRL, which has no extensions.
#[derive(Clone, Debug)]
pub struct CertificateList<'a> {
    der: &'a [u8],
    tbs: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    issuer: Name<'a>,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    entries: Entries<'a>,
    number: Option<&'a [u8]>,
    number_is_critical: bool,
    base_number: Option<&'a [u8]>,
    authority_key_id: Option<AuthorityKeyId<'a>>,
    issuing_distribution_point: Option<IssuingDistributionPoint<'a>>,
    freshest_crl: Option<DistributionPoints<'a>>,
    unknown_critical: Option<&'a ObjectIdentifierRef>,
}

impl<'a> CertificateList<'a> {
    /// Reads a CRL. Its length is for the caller to bound: a national one may have 40 MB. Nothing
    /// is allocated in proportion to it; entries are read when they are looked at.
    ///
    /// # Errors
    /// One variant of [`CrlError`] per reason.
    pub fn from_der(der: &'a [u8]) -> Result<Self, CrlError> {
        let (tbs, algorithm, signature) = asn1::whole(der, |reader| {
            reader.sequence(|outer| {
                Ok::<_, der::Error>((
                    outer.tlv_bytes()?,
                    outer.tlv_bytes()?,
                    outer.decode::<BitStringRef<'a>>()?,
                ))
            })
        })?;
        let signature = signature.as_bytes().ok_or(CrlError::UnusedBits)?;
        asn1::whole(tbs, |reader| {
            reader.sequence(|body| {
                let version2 = match asn1::take(body, Tag::Integer)? {
                    None => false,
                    Some([1]) => true,
                    Some(_) => return Err(CrlError::Version),
                };
                // RFC 5280 §5.1.1.2: both identifiers are the same.
                if body.tlv_bytes()? != algorithm {
                    return Err(CrlError::AlgorithmMismatch);
                }
                let issuer = Name::from_der(body.tlv_bytes()?)?;
                if issuer.is_empty() {
                    return Err(CrlError::EmptyIssuer);
                }
                let this_update = asn1::read_time(body)?;
                let dated =
                    asn1::next_is(body, Tag::UtcTime) || asn1::next_is(body, Tag::GeneralizedTime);
                let next_update = if dated {
                    Some(asn1::read_time(body)?)
                } else {
                    None
                };
                let entries = asn1::take(body, Tag::Sequence)?.unwrap_or_default();
                let mut list = Self {
                    der,
                    tbs,
                    algorithm,
                    signature,
                    issuer,
                    this_update,
                    next_update,
                    entries: Entries::new(entries, version2),
                    number: None,
                    number_is_critical: false,
                    base_number: None,
                    authority_key_id: None,
                    issuing_distribution_point: None,
                    freshest_crl: None,
                    unknown_critical: None,
                };
                if let Some(explicit) = asn1::take(body, asn1::context(0, true))? {
                    // RFC 5280 §5.1.2.1: extensions need version 2.
                    if !version2 {
                        return Err(CrlError::Version);
                    }
                    let extensions =
                        asn1::whole(explicit, |it| asn1::read_value(it, Tag::Sequence))?;
                    list.read_extensions(extensions)?;
                }
                Ok(list)
            })
        })
    }

    fn read_extensions(&mut self, all: &'a [u8]) -> Result<(), CrlError> {
        let mut seen: Vec<&ObjectIdentifierRef> = Vec::new();
        asn1::whole(all, |reader| {
            while !reader.is_finished() {
                let extension = read_extension(reader)?;
                if seen.contains(&extension.oid) {
                    return Err(CrlError::DuplicateExtension(owned(extension.oid)));
                }
                if seen.len() == MAX_EXTENSIONS {
                    return Err(CrlError::TooManyExtensions);
                }
                seen.push(extension.oid);
                self.number_is_critical |= extension.critical && *extension.oid == oid::CRL_NUMBER;
                let known = self
                    .take(extension.oid, extension.value)
                    .map_err(|reason| CrlError::Extension {
                        extension: owned(extension.oid),
                        reason: reason.0,
                    })?;
                if !known && extension.critical && self.unknown_critical.is_none() {
                    self.unknown_critical = Some(extension.oid);
                }
            }
            Ok(())
        })
    }

    fn take(&mut self, oid: &ObjectIdentifierRef, value: &'a [u8]) -> Result<bool, Malformed> {
        if *oid == oid::CRL_NUMBER {
            self.number = Some(number(value)?);
        } else if *oid == oid::DELTA_CRL_INDICATOR {
            self.base_number = Some(number(value)?);
        } else if *oid == oid::AUTHORITY_KEY_IDENTIFIER {
            self.authority_key_id = Some(AuthorityKeyId::read(value)?);
        } else if *oid == oid::ISSUING_DISTRIBUTION_POINT {
            self.issuing_distribution_point = Some(IssuingDistributionPoint::read(value)?);
        } else if *oid == oid::FRESHEST_CRL {
            self.freshest_crl = Some(DistributionPoints::read(value)?);
        } else if *oid == oid::ISSUER_ALT_NAME {
            GeneralNames::read(value)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// The whole CRL in DER.
    #[must_use]
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    /// The octets that are signed.
    #[must_use]
    pub const fn tbs(&self) -> &'a [u8] {
        self.tbs
    }

    /// Who signed.
    #[must_use]
    pub const fn issuer(&self) -> Name<'a> {
        self.issuer
    }

    /// When it was made.
    #[must_use]
    pub const fn this_update(&self) -> UnixTime {
        self.this_update
    }

    /// When the next one will be there at the latest.
    #[must_use]
    pub const fn next_update(&self) -> Option<UnixTime> {
        self.next_update
    }

    /// Content octets of the CRL number (RFC 5280 §5.2.3), not negative.
    #[must_use]
    pub const fn number(&self) -> Option<&'a [u8]> {
        self.number
    }

    /// Whether its number is marked critical, which RFC 5280 §5.2.3 tells CAs not to do.
    #[must_use]
    pub const fn number_is_critical(&self) -> bool {
        self.number_is_critical
    }

    /// For a delta CRL the number of its base, as content octets (RFC 5280 §5.2.4).
    #[must_use]
    pub const fn base_number(&self) -> Option<&'a [u8]> {
        self.base_number
    }

    /// Which key signed (RFC 5280 §5.2.1).
    #[must_use]
    pub const fn authority_key_id(&self) -> Option<AuthorityKeyId<'a>> {
        self.authority_key_id
    }

    /// What the CRL covers; everything of its issuer when absent (RFC 5280 §5.2.5).
    #[must_use]
    pub const fn issuing_distribution_point(&self) -> Option<IssuingDistributionPoint<'a>> {
        self.issuing_distribution_point
    }

    /// Where its delta CRLs are (RFC 5280 §5.2.6).
    #[must_use]
    pub const fn freshest_crl(&self) -> Option<DistributionPoints<'a>> {
        self.freshest_crl
    }

    /// The first critical extension that is not understood; such a CRL says nothing about any
    /// certificate (RFC 5280 §5.2).
    #[must_use]
    pub fn unknown_critical(&self) -> Option<ObjectIdentifier> {
        self.unknown_critical.map(owned)
    }

    /// How it is signed.
    ///
    /// # Errors
    /// When the algorithm is unknown or its parameters are wrong.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, AlgorithmError> {
        read_algorithm(self.algorithm)
    }

    /// The signature.
    #[must_use]
    pub const fn signature(&self) -> &'a [u8] {
        self.signature
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// When the algorithm cannot be used or the key did not sign these octets.
    pub fn verify_signature(&self, key: &dyn PublicKey) -> Result<(), CrlError> {
        let algorithm = self.signature_algorithm()?;
        key.verify(algorithm, self.tbs, self.signature)
            .map_err(|error| match error {
                CryptoError::BadSignature(_) => CrlError::BadSignature,
                other => CrlError::Crypto(other),
            })
    }

    /// The revoked certificates in their encoded order.
    #[must_use]
    pub const fn entries(&self) -> Entries<'a> {
        self.entries
    }

    /// The entry of a serial number (content octets), if there is one. Reads from the start:
    /// [`IndexedCrl`] answers many questions.
    ///
    /// # Errors
    /// When an entry before it, or it, is malformed.
    pub fn find(&self, serial: &[u8]) -> Result<Option<RevokedCertificate<'a>>, CrlError> {
        for entry in self.entries {
            let entry = entry?;
            if entry.serial == serial {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

/// A CRL number: not negative, at most 20 octets (RFC 5280 §5.2.3).
fn number(value: &[u8]) -> Result<&[u8], Malformed> {
    let number = asn1::whole(value, asn1::read_integer)?;
    if number.len() > 20 || number.first().is_some_and(|first| *first >= 0x80) {
        return Err(Malformed(
            "a CRL number is neither negative nor longer than 20 octets",
        ));
    }
    Ok(number)
}
