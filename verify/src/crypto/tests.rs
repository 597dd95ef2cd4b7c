use super::*;
use crate::{KeyAlgorithm, SignatureAlgorithm};
use rcgen::{KeyPair, PublicKeyData, SigningKey};

#[test]
fn every_curve_verifies_and_refuses_another_family() {
    for (algorithm, signature) in [
        (
            &rcgen::PKCS_ECDSA_P256_SHA256,
            SignatureAlgorithm::EcdsaSha256,
        ),
        (
            &rcgen::PKCS_ECDSA_P384_SHA384,
            SignatureAlgorithm::EcdsaSha384,
        ),
        (&rcgen::PKCS_ED25519, SignatureAlgorithm::Ed25519),
        (
            &rcgen::PKCS_ECDSA_P521_SHA512,
            SignatureAlgorithm::EcdsaSha512,
        ),
        (
            &rcgen::PKCS_ECDSA_P521_SHA384,
            SignatureAlgorithm::EcdsaSha384,
        ),
    ] {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        let key = AwsLc.public_key(&pair.subject_public_key_info()).unwrap();
        let mut value = pair.sign(b"message").unwrap();
        for _ in 0..2 {
            assert_eq!(
                key.verify(signature, b"message", &value),
                Ok(()),
                "{signature}"
            );
        }
        assert_eq!(
            key.verify(SignatureAlgorithm::RsaPkcs1Sha256, b"message", &value),
            Err(CryptoError::WrongFamily {
                signature: SignatureAlgorithm::RsaPkcs1Sha256,
                key: key.algorithm()
            })
        );
        assert!(key.verify(signature, b"massage", &value).is_err());
        *value.last_mut().unwrap() ^= 1;
        assert_eq!(
            key.verify(signature, b"message", &value),
            Err(CryptoError::BadSignature(key.algorithm()))
        );
    }
}

#[test]
fn point_off_the_curve_is_refused() {
    let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let mut spki = pair.subject_public_key_info();
    *spki.last_mut().unwrap() ^= 1;
    assert_eq!(
        AwsLc.public_key(&spki).unwrap_err(),
        CryptoError::InvalidKey(KeyAlgorithm::P384)
    );
}

#[test]
fn digests_have_their_lengths() {
    for digest in DigestAlgorithm::ALL {
        assert_eq!(AwsLc.digest(digest, b"").len(), digest.length_bytes());
        assert_eq!(DigestAlgorithm::from_oid(digest.oid()), Some(digest));
    }
    assert_eq!(
        hex::encode(AwsLc.digest(DigestAlgorithm::Sha1, b"abc")),
        "a9993e364706816aba3e25717850c26c9cd0d89d"
    );
}
