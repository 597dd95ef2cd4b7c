//! X.509 certificates, parsed once and borrowed from their DER.

mod constraints;
mod distribution;
mod error;
mod extensions;
mod general_name;
mod policies;
mod usage;

#[cfg(test)]
mod tests;

pub use constraints::{BasicConstraints, NameConstraints, Subtrees};
pub use distribution::{
    AuthorityInfoAccess, DistributionPoint, DistributionPointName, DistributionPoints, ReasonFlags,
};
pub use error::CertificateError;
pub use extensions::{AuthorityKeyId, Extensions, RawExtension, RelatedCertificate};
pub(crate) use extensions::{Malformed, owned, read_extension};
pub use general_name::{GeneralName, GeneralNames};
pub use policies::{CertificatePolicies, PolicyConstraints, PolicyMappings};
pub use usage::{ExtendedKeyUsage, KeyUsage};

use std::fmt;

use der::{Reader, Tag};

use crate::name::Name;
use crate::signature::{AlgorithmError, read_algorithm};
use crate::spki::{PublicKeyInfo, SpkiError};
use crate::{SignatureAlgorithm, UnixTime, asn1};

/// Longest certificate that is parsed. A terminal's is under 2 KiB; room is left for post-quantum
/// keys and signatures, and work over lists inside stays small.
pub const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;

/// A version 3 certificate (RFC 5280 §4.1).
#[derive(Clone, Debug)]
pub struct Certificate<'a> {
    der: &'a [u8],
    tbs: &'a [u8],
    serial: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    issuer: Name<'a>,
    subject: Name<'a>,
    not_before: UnixTime,
    not_after: UnixTime,
    spki: &'a [u8],
    extensions: Extensions<'a>,
}

impl<'a> Certificate<'a> {
    /// Reads a certificate. Keys and signature algorithms are read when they are asked for, so
    /// that an unknown one spoils only the paths that need it.
    ///
    /// # Errors
    /// One variant of [`CertificateError`] per reason.
    pub fn from_der(der: &'a [u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(CertificateError::TooLong {
                length_bytes: der.len(),
            });
        }
        let outer = asn1::whole(der, |reader| asn1::read_value(reader, Tag::Sequence))?;
        let mut outer = asn1::Cursor::new(outer)?;
        let (tbs, body) = asn1::read_whole(&mut outer, Tag::Sequence)?;
        let (algorithm, _) = asn1::read_whole(&mut outer, Tag::Sequence)?;
        let signature = asn1::read_octets(&mut outer)?.ok_or(CertificateError::UnusedBits)?;
        outer.finish()?;

        let mut body = asn1::Cursor::new(body)?;
        let version = match asn1::take(&mut body, asn1::context(0, true))? {
            Some(explicit) => asn1::whole(explicit, asn1::read_integer)?,
            None => &[0],
        };
        if version != [2] {
            return Err(CertificateError::Version);
        }
        let serial = asn1::read_integer(&mut body)?;
        // RFC 5280 §4.1.2.2: at most 20 octets; zero and negative numbers of others are put up
        // with, as it asks.
        if serial.len() > 20 {
            return Err(CertificateError::SerialLength {
                length_bytes: serial.len(),
            });
        }
        // RFC 5280 §4.1.1.2: both identifiers are the same.
        if asn1::read_whole(&mut body, Tag::Sequence)?.0 != algorithm {
            return Err(CertificateError::AlgorithmMismatch);
        }
        let issuer = Name::read(&mut body)?;
        // RFC 5280 §4.1.2.4: a nonempty name.
        if issuer.is_empty() {
            return Err(CertificateError::EmptyIssuer);
        }
        let (not_before, not_after) = asn1::within(&mut body, Tag::Sequence, |validity| {
            Ok::<_, der::Error>((asn1::read_time(validity)?, asn1::read_time(validity)?))
        })?;
        let subject = Name::read(&mut body)?;
        let (spki, _) = asn1::read_whole(&mut body, Tag::Sequence)?;
        for number in 1..=2 {
            // issuerUniqueID, subjectUniqueID: allowed, of no use.
            asn1::take(&mut body, asn1::context(number, false))?;
        }
        let mut this = Self {
            der,
            tbs,
            serial,
            algorithm,
            signature,
            issuer,
            subject,
            not_before,
            not_after,
            spki,
            extensions: Extensions::default(),
        };
        if let Some(explicit) = asn1::take(&mut body, asn1::context(3, true))? {
            let all = asn1::whole(explicit, |list| asn1::read_value(list, Tag::Sequence))?;
            this.extensions.read(all)?;
        }
        body.finish()?;
        Ok(this)
    }

    /// The whole certificate in DER.
    #[must_use]
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    /// The octets that are signed.
    #[must_use]
    pub const fn tbs(&self) -> &'a [u8] {
        self.tbs
    }

    /// Content octets of the serial number's INTEGER.
    #[must_use]
    pub const fn serial(&self) -> &'a [u8] {
        self.serial
    }

    /// Who signed.
    #[must_use]
    pub const fn issuer(&self) -> Name<'a> {
        self.issuer
    }

    /// Whose key it is.
    #[must_use]
    pub const fn subject(&self) -> Name<'a> {
        self.subject
    }

    /// Whether issuer and subject are one name (RFC 5280 §6.1).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer.matches(&self.subject)
    }

    /// First second of validity.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// Last second of validity, inclusive.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// The DER of the `SubjectPublicKeyInfo`.
    #[must_use]
    pub const fn spki(&self) -> &'a [u8] {
        self.spki
    }

    /// The key, parsed.
    ///
    /// # Errors
    /// When it is of an unknown kind or malformed.
    pub fn public_key_info(&self) -> Result<PublicKeyInfo<'a>, SpkiError> {
        PublicKeyInfo::from_der(self.spki)
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

    /// The extensions.
    #[must_use]
    pub const fn extensions(&self) -> &Extensions<'a> {
        &self.extensions
    }

    /// Whether it says that its subject is a CA.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.extensions
            .basic_constraints
            .is_some_and(|constraints| constraints.ca)
    }

    /// The URIs of the subject alternative name, in order.
    pub fn subject_uris(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let names = self.extensions.subject_alt_name;
        names
            .into_iter()
            .flat_map(|names| names.iter())
            .filter_map(|name| match name {
                GeneralName::Uri(uri) => Some(uri),
                _ => None,
            })
    }

    /// The serial number in lower-case hexadecimal.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        hex(self.serial)
    }
}

/// Subject and serial number, as messages show them.
impl fmt::Display for Certificate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (serial {})", self.subject, self.serial_hex())
    }
}

pub(crate) fn hex(octets: &[u8]) -> String {
    use std::fmt::Write;
    octets.iter().fold(
        String::with_capacity(octets.len() * 2),
        |mut text, octet| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{octet:02x}");
            text
        },
    )
}
