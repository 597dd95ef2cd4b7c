//! Proof of possession: the signature over the request by the key in it (RFC 2986 §4.2).

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use spki::AlgorithmIdentifierRef;

use super::RequestError;
use crate::key_quality::CheckedKey;

/// Signatures over MD2, MD5, SHA-1 or SHA-224: known, and refused for their digest.
const WEAK: [ObjectIdentifier; 8] = [
    rfc5912::MD_2_WITH_RSA_ENCRYPTION,
    rfc5912::MD_5_WITH_RSA_ENCRYPTION,
    rfc5912::SHA_1_WITH_RSA_ENCRYPTION,
    rfc5912::SHA_224_WITH_RSA_ENCRYPTION,
    // ecdsa-with-SHA1 (RFC 3279 §2.2.3).
    ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"),
    rfc5912::ECDSA_WITH_SHA_224,
    rfc5912::DSA_WITH_SHA_1,
    // sha1WithRSASignature of the OIW, which old Windows tools wrote.
    ObjectIdentifier::new_unwrap("1.3.14.3.2.29"),
];

/// The signature algorithm of the request, if it is one we verify.
pub(super) fn algorithm(
    identifier: &AlgorithmIdentifierRef<'_>,
) -> Result<SignatureAlgorithm, RequestError> {
    let oid = identifier.oid;
    if WEAK.contains(&oid) {
        return Err(RequestError::WeakDigest { oid });
    }
    let algorithm =
        SignatureAlgorithm::from_oid(oid).ok_or(RequestError::AlgorithmUnsupported { oid })?;
    let fits = match identifier.parameters {
        None => true,
        // RFC 4055 §5: NULL is right for RSA, and its absence is accepted as well.
        Some(parameters) => algorithm.has_null_parameter() && parameters.is_null(),
    };
    if fits {
        Ok(algorithm)
    } else {
        Err(RequestError::AlgorithmParameters { algorithm })
    }
}

/// Verifies `signature` over `message`, the certification request information as received.
pub(super) fn verify(
    algorithm: SignatureAlgorithm,
    key: &CheckedKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), RequestError> {
    let verifier =
        verifier(algorithm, key.algorithm()).ok_or_else(|| RequestError::AlgorithmMismatch {
            signature: algorithm,
            key: key.algorithm(),
        })?;
    UnparsedPublicKey::new(verifier, key.subject_public_key())
        .verify(message, signature)
        .map_err(|_| RequestError::SignatureInvalid)
}

fn verifier(
    algorithm: SignatureAlgorithm,
    key: KeyAlgorithm,
) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (algorithm, key) {
        (SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::P256) => &signature::ECDSA_P256_SHA256_ASN1,
        (SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::P256) => &signature::ECDSA_P256_SHA384_ASN1,
        (SignatureAlgorithm::EcdsaSha512, KeyAlgorithm::P256) => &signature::ECDSA_P256_SHA512_ASN1,
        (SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::P384) => &signature::ECDSA_P384_SHA256_ASN1,
        (SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::P384) => &signature::ECDSA_P384_SHA384_ASN1,
        (SignatureAlgorithm::EcdsaSha512, KeyAlgorithm::P384) => &signature::ECDSA_P384_SHA512_ASN1,
        (SignatureAlgorithm::RsaPkcs1Sha256, KeyAlgorithm::Rsa { .. }) => {
            &signature::RSA_PKCS1_2048_8192_SHA256
        }
        (SignatureAlgorithm::RsaPkcs1Sha384, KeyAlgorithm::Rsa { .. }) => {
            &signature::RSA_PKCS1_2048_8192_SHA384
        }
        (SignatureAlgorithm::RsaPkcs1Sha512, KeyAlgorithm::Rsa { .. }) => {
            &signature::RSA_PKCS1_2048_8192_SHA512
        }
        _ => return None,
    })
}
