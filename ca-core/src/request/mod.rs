//! A request for a certificate, as a terminal sends it: PKCS#10 (RFC 2986).
//!
//! Parsed once, proof of possession verified, then carried as [`EnrolmentRequest`]. Nothing in it
//! decides what a certificate says: names and extensions are compared with the registration and
//! never copied.

mod armour;
mod attributes;
mod claims;
mod error;
mod possession;
mod subject;

use std::fmt;

use der::asn1::{AnyRef, BitStringRef};
use der::{Reader, SliceReader};
use kasane_verify::SignatureAlgorithm;
use sha2::{Digest, Sha256};
use spki::AlgorithmIdentifierRef;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

pub use attributes::RequestedExtension;
pub use error::RequestError;
pub use subject::same_name;

use crate::key_quality::{self, CheckedKey, WeakKeys};
use attributes::Requested;

/// Largest input, armoured or not: an RSA-4096 request with every extension we know has 3 KiB.
pub const MAX_INPUT_BYTES: usize = 65_536;
/// Most attributes of one request.
pub const MAX_ATTRIBUTES: usize = 16;
/// Most requested extensions.
pub const MAX_EXTENSIONS: usize = 32;
/// Most requested subject alternative names.
pub const MAX_NAMES: usize = 64;

/// A well-formed PKCS#10 request whose sender holds the private key, and whose key is fit to be
/// certified. Only [`EnrolmentRequest::parse`] makes one.
#[derive(Clone)]
pub struct EnrolmentRequest {
    der: Vec<u8>,
    subject_der: Vec<u8>,
    subject: Name,
    key: CheckedKey,
    signature_algorithm: SignatureAlgorithm,
    requested: Requested,
}

impl EnrolmentRequest {
    /// Reads DER or one PEM block (RFC 7468 §7) with nothing around it.
    ///
    /// # Errors
    /// [`RequestError`], one variant per reason. Size is checked before anything is read.
    pub fn parse(input: &[u8], weak_keys: &WeakKeys) -> Result<Self, RequestError> {
        if input.len() > MAX_INPUT_BYTES {
            return Err(RequestError::TooLarge {
                length_bytes: input.len(),
            });
        }
        let der = armour::remove(input)?;
        let parts = Parts::read(&der)?;
        let info = Info::read(parts.info)?;
        let requested = attributes::read(info.attributes)?;
        let signature_algorithm = possession::algorithm(&parts.algorithm)?;
        let key = key_quality::check(info.spki, weak_keys)?;
        // The slice as received: a re-encoding sorts the attributes and breaks the signature.
        possession::verify(signature_algorithm, &key, parts.info, parts.signature)?;
        let (subject_der, subject) = (info.subject_der.to_vec(), info.subject);
        Ok(Self {
            subject_der,
            subject,
            key,
            signature_algorithm,
            requested,
            der,
        })
    }

    /// The whole request as received, DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of [`EnrolmentRequest::der`].
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// The subject as received, DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_der
    }

    /// The subject that the sender claims.
    #[must_use]
    pub const fn subject(&self) -> &Name {
        &self.subject
    }

    /// The key to certify.
    #[must_use]
    pub const fn key(&self) -> &CheckedKey {
        &self.key
    }

    /// How the sender proved possession of the private key.
    #[must_use]
    pub const fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }

    /// The requested extensions, in their order.
    #[must_use]
    pub fn extensions(&self) -> &[RequestedExtension] {
        &self.requested.extensions
    }

    /// The requested subject alternative names.
    #[must_use]
    pub fn subject_alt_names(&self) -> &[GeneralName] {
        &self.requested.names
    }
}

/// Without the octets, which fill screens and say nothing.
impl fmt::Debug for EnrolmentRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolmentRequest")
            .field("subject", &self.subject.to_string())
            .field("key", &self.key.algorithm())
            .field("signature_algorithm", &self.signature_algorithm)
            .field("sha256", &hex::encode(self.sha256()))
            .finish_non_exhaustive()
    }
}

/// `CertificationRequest` (RFC 2986 §4.2), its signed part still a slice.
struct Parts<'a> {
    info: &'a [u8],
    algorithm: AlgorithmIdentifierRef<'a>,
    signature: &'a [u8],
}

/// `CertificationRequestInfo` (RFC 2986 §4.1).
struct Info<'a> {
    subject_der: &'a [u8],
    subject: Name,
    spki: &'a [u8],
    attributes: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(der: &'a [u8]) -> Result<Self, RequestError> {
        let mut reader = SliceReader::new(der)?;
        let parts = reader
            .sequence(|fields| -> der::Result<_> {
                let info = fields.tlv_bytes()?;
                let algorithm = fields.decode()?;
                let signature: BitStringRef<'_> = fields.decode()?;
                Ok((info, algorithm, signature))
            })
            .map_err(RequestError::from_outer)?;
        reader.finish().map_err(RequestError::from_outer)?;
        let (info, algorithm, signature) = parts;
        let signature = signature.as_bytes().ok_or(RequestError::SignatureInvalid)?;
        Ok(Self {
            info,
            algorithm,
            signature,
        })
    }
}

impl<'a> Info<'a> {
    fn read(der: &'a [u8]) -> Result<Self, RequestError> {
        let mut reader = SliceReader::new(der)?;
        reader.sequence(|fields| {
            let version: u8 = fields.decode()?;
            if version != 0 {
                return Err(RequestError::Version { version });
            }
            let subject_der = fields.tlv_bytes()?;
            let subject = <Name as der::Decode>::from_der(subject_der)?;
            let spki = fields.tlv_bytes()?;
            if fields.is_finished() {
                return Err(RequestError::MissingAttributes);
            }
            let attributes: AnyRef<'a> = fields.decode()?;
            if attributes.header().tag() != attributes::TAG {
                return Err(RequestError::MissingAttributes);
            }
            Ok(Self {
                subject_der,
                subject,
                spki,
                attributes: attributes.value(),
            })
        })
    }
}

#[cfg(test)]
mod tests;
