//! Which signatures keys make, and that they do.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use der::Decode;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use spki::SubjectPublicKeyInfoRef;

/// Why a signature was not made: the error's code, and whether it counts as attempted.
pub(crate) type Refused = (&'static str, bool);

/// Which signatures a key of each kind makes: exactly these.
fn made_by(algorithm: KeyAlgorithm) -> &'static [SignatureAlgorithm] {
    match algorithm {
        KeyAlgorithm::Ed25519 => &[SignatureAlgorithm::Ed25519],
        KeyAlgorithm::P256 => &[SignatureAlgorithm::EcdsaSha256],
        KeyAlgorithm::P384 => &[SignatureAlgorithm::EcdsaSha384],
        KeyAlgorithm::P521 => &[],
        KeyAlgorithm::Rsa { .. } => &[
            SignatureAlgorithm::RsaPkcs1Sha256,
            SignatureAlgorithm::RsaPkcs1Sha384,
            SignatureAlgorithm::RsaPkcs1Sha512,
        ],
    }
}

/// Asks a key for each signature that there is: what it makes verifies, and what it does not make is
/// refused before any attempt.
pub(crate) fn check(
    (key, spki): (KeyAlgorithm, &[u8]),
    message: &[u8],
    sign: &dyn Fn(SignatureAlgorithm) -> Result<Vec<u8>, Refused>,
) {
    let known = SignatureAlgorithm::ALL.into_iter();
    for algorithm in known.chain(SignatureAlgorithm::LEGACY) {
        let result = sign(algorithm);
        if made_by(key).contains(&algorithm) {
            let signature = result.unwrap();
            assert!(
                is_valid(spki, algorithm, message, &signature),
                "{key} {algorithm}"
            );
        } else {
            let refused = ("key.signature-unsupported", false);
            assert_eq!(result.unwrap_err(), refused, "{key} {algorithm}");
        }
    }
}

/// Whether aws-lc verifies it.
pub(crate) fn is_valid(
    spki: &[u8],
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let verifier: &'static dyn VerificationAlgorithm = match algorithm {
        SignatureAlgorithm::EcdsaSha256 => &ECDSA_P256_SHA256_ASN1,
        SignatureAlgorithm::EcdsaSha384 => &ECDSA_P384_SHA384_ASN1,
        SignatureAlgorithm::Ed25519 => &ED25519,
        SignatureAlgorithm::RsaPkcs1Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        SignatureAlgorithm::RsaPkcs1Sha384 => &RSA_PKCS1_2048_8192_SHA384,
        SignatureAlgorithm::RsaPkcs1Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        other => panic!("no key of ours signs with {other}"),
    };
    let spki = SubjectPublicKeyInfoRef::from_der(spki).unwrap();
    UnparsedPublicKey::new(verifier, spki.subject_public_key.raw_bytes())
        .verify(message, signature)
        .is_ok()
}
