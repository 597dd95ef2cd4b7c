//! Signatures over SHA-1: known by name, refused, and readable only by who asks for danger.

use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::CryptoError;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm, pem};

use crate::asked::Signed;

/// A self-signed certificate and its own signature.
fn self_signed(text: &str) -> Signed {
    let der = pem::certificates(text.as_bytes()).unwrap().remove(0);
    let certificate = Certificate::from_der(&der).unwrap();
    Signed {
        algorithm: certificate.signature_algorithm().unwrap(),
        spki: certificate.spki().to_vec(),
        message: certificate.tbs().to_vec(),
        signature: certificate.signature().to_vec(),
    }
}

#[test]
fn sha1_is_refused_by_name_and_verified_only_dangerously() {
    for (text, algorithm) in [
        (
            include_str!("vectors/rsa-sha1.pem"),
            SignatureAlgorithm::RsaPkcs1Sha1,
        ),
        (
            include_str!("vectors/p256-sha1.pem"),
            SignatureAlgorithm::EcdsaSha1,
        ),
        (
            include_str!("vectors/p521-sha1.pem"),
            SignatureAlgorithm::EcdsaSha1,
        ),
    ] {
        let mut signed = self_signed(text);
        assert_eq!(signed.algorithm, algorithm);
        let refused = signed.verdict().unwrap_err();
        assert_eq!(refused, CryptoError::LegacyDigest(algorithm));
        assert_eq!(refused.code(), "crypto.legacy_digest");
        assert_eq!(signed.verdict_with_sha1(), Ok(()));
        // Danger lets SHA-1 through, and nothing else.
        signed.message[0] ^= 1;
        let bad = signed.verdict_with_sha1().unwrap_err();
        assert_eq!(bad.code(), "crypto.bad_signature");
    }
}

#[test]
fn sha1_with_p384_is_refused_even_dangerously() {
    let signed = self_signed(include_str!("vectors/p384-sha1.pem"));
    let refused = Err(CryptoError::LegacyDigest(SignatureAlgorithm::EcdsaSha1));
    assert_eq!(signed.verdict(), refused);
    assert_eq!(signed.verdict_with_sha1(), refused);
}

#[test]
fn danger_does_not_widen_the_size_of_keys() {
    let signed = self_signed(include_str!("vectors/rsa-1024-sha1.pem"));
    let refused = Err(CryptoError::RsaSize(KeyAlgorithm::Rsa { bits: 1024 }));
    assert_eq!(signed.verdict(), refused);
    assert_eq!(signed.verdict_with_sha1(), refused);
}

#[test]
fn danger_verifies_what_is_not_legacy_as_well() {
    for text in [
        include_str!("vectors/rsa-2049-sha256.pem"),
        include_str!("vectors/rsa-exponent-3-sha256.pem"),
    ] {
        let signed = self_signed(text);
        assert_eq!(signed.verdict(), Ok(()));
        assert_eq!(signed.verdict_with_sha1(), Ok(()));
    }
}

#[test]
fn sha1_of_another_family_is_of_another_family() {
    let mut signed = self_signed(include_str!("vectors/p256-sha1.pem"));
    signed.algorithm = SignatureAlgorithm::RsaPkcs1Sha1;
    let refused = Err(CryptoError::WrongFamily {
        signature: SignatureAlgorithm::RsaPkcs1Sha1,
        key: KeyAlgorithm::P256,
    });
    assert_eq!(signed.verdict(), refused);
    assert_eq!(signed.verdict_with_sha1(), refused);
}
