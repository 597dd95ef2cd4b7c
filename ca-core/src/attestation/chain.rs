//! From a statement to a root.

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader};
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::CryptoProvider;
use sha2::{Digest, Sha256};

use super::statement::is_about_ordinary_key;
use super::{AttestationError, MAX_ATTESTATION_BYTES, MAX_CERTIFICATES, MAX_ROOTS};

/// The root that an attestation leads to; empty where nobody looked.
#[derive(Default)]
pub(super) struct Root {
    pub(super) subject: String,
    /// SHA-256 of its certificate, lower-case hex.
    pub(super) sha256: String,
}

impl Root {
    fn of(certificate: &Certificate<'_>) -> Self {
        Self {
            subject: certificate.subject().to_string(),
            sha256: hex::encode(Sha256::digest(certificate.der())),
        }
    }
}

/// The certificates that stand one after another.
pub(super) fn split(attestation: &[u8]) -> Result<Vec<Certificate<'_>>, AttestationError> {
    if attestation.len() > MAX_ATTESTATION_BYTES {
        return Err(AttestationError::TooLong {
            length_bytes: attestation.len(),
            limit_bytes: MAX_ATTESTATION_BYTES,
        });
    }
    let mut certificates = Vec::new();
    let mut rest = attestation;
    while !rest.is_empty() {
        let position = certificates.len();
        if position == MAX_CERTIFICATES {
            return Err(AttestationError::TooMany {
                limit: MAX_CERTIFICATES,
            });
        }
        let malformed = |error: der::Error| AttestationError::Malformed {
            position,
            reason: error.to_string(),
        };
        let mut reader = SliceReader::new(rest).map_err(malformed)?;
        AnyRef::decode(&mut reader).map_err(malformed)?;
        let length = usize::try_from(reader.position()).unwrap_or(usize::MAX);
        let (one, after) = rest
            .split_at_checked(length)
            .ok_or(AttestationError::Empty)?;
        let certificate = Certificate::from_der(one)
            .map_err(|source| AttestationError::Certificate { position, source })?;
        certificates.push(certificate);
        rest = after;
    }
    Ok(certificates)
}

/// Checks every signature up to one of `roots`; gives that root.
pub(super) fn verify(
    statement: &Certificate<'_>,
    above: &[Certificate<'_>],
    roots: &[Vec<u8>],
    crypto: &dyn CryptoProvider,
) -> Result<Root, AttestationError> {
    let mut below = statement;
    for (position, issuer) in above.iter().enumerate() {
        let is_root = roots.iter().any(|root| root == issuer.der());
        if !is_root && is_about_ordinary_key(issuer)? {
            return Err(AttestationError::NotAttestationKey {
                position: position + 1,
            });
        }
        signed_by(below, position, issuer, crypto)?;
        if is_root {
            return Ok(Root::of(issuer));
        }
        below = issuer;
    }
    for (position, root) in roots.iter().take(MAX_ROOTS).enumerate() {
        let root = Certificate::from_der(root)
            .map_err(|source| AttestationError::Root { position, source })?;
        if root.subject().matches(&below.issuer())
            && signed_by(below, above.len(), &root, crypto).is_ok()
        {
            return Ok(Root::of(&root));
        }
    }
    Err(AttestationError::UnknownRoot {
        issuer: below.issuer().to_string(),
    })
}

fn signed_by(
    below: &Certificate<'_>,
    position: usize,
    issuer: &Certificate<'_>,
    crypto: &dyn CryptoProvider,
) -> Result<(), AttestationError> {
    let failed = |reason: String| AttestationError::Signature {
        position,
        above: issuer.subject().to_string(),
        reason,
    };
    if !issuer.subject().matches(&below.issuer()) {
        return Err(failed(format!(
            "its issuer is {:?}",
            below.issuer().to_string()
        )));
    }
    let algorithm = below
        .signature_algorithm()
        .map_err(|error| failed(error.to_string()))?;
    crypto
        .verify(algorithm, issuer.spki(), below.tbs(), below.signature())
        .map_err(|error| failed(error.to_string()))
}
