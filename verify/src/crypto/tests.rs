use super::*;
use crate::{KeyAlgorithm, SignatureAlgorithm};
use rcgen::{KeyPair, PublicKeyData, SigningKey};

const PROVIDERS: [&dyn CryptoProvider; 2] = [&AwsLc, &RustCrypto];

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
        for provider in PROVIDERS {
            let key = provider
                .public_key(&pair.subject_public_key_info())
                .unwrap();
            let mut value = pair.sign(b"message").unwrap();
            for _ in 0..2 {
                assert_eq!(
                    key.verify(signature, b"message", &value),
                    Ok(()),
                    "{provider:?} {signature}"
                );
            }
            assert_eq!(
                key.verify(SignatureAlgorithm::RsaPkcs1Sha256, b"message", &value),
                Err(CryptoError::WrongFamily {
                    signature: SignatureAlgorithm::RsaPkcs1Sha256,
                    key: key.algorithm()
                })
            );
            let bad = Err(CryptoError::BadSignature(key.algorithm()));
            assert_eq!(key.verify(signature, b"massage", &value), bad);
            *value.last_mut().unwrap() ^= 1;
            assert_eq!(key.verify(signature, b"message", &value), bad);
        }
    }
}

#[test]
fn point_off_the_curve_is_refused() {
    let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let mut spki = pair.subject_public_key_info();
    *spki.last_mut().unwrap() ^= 1;
    for provider in PROVIDERS {
        let invalid = CryptoError::InvalidKey(KeyAlgorithm::P384);
        assert_eq!(provider.public_key(&spki).unwrap_err(), invalid);
        let once = provider.verify(SignatureAlgorithm::Ed25519, &spki, b"", b"");
        assert_eq!(once, Err(invalid), "the key is looked at first");
    }
}

#[test]
fn digests_have_their_lengths_and_values() {
    // FIPS 180-4, "abc".
    let values = [
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed\
         8086072ba1e7cc2358baeca134c825a7",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
         2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ];
    for (algorithm, value) in DigestAlgorithm::ALL.into_iter().zip(values) {
        for provider in PROVIDERS {
            let digest = provider.digest(algorithm, b"abc");
            assert_eq!(digest.as_bytes().len(), algorithm.length_bytes());
            assert_eq!(format!("{digest:?}"), value);
            assert_eq!(digest, hex::decode(value).unwrap().as_slice());
        }
        assert_eq!(DigestAlgorithm::from_oid(algorithm.oid()), Some(algorithm));
    }
}

#[test]
fn digests_of_other_lengths_or_octets_are_not_equal() {
    let digest = Digest::from([0; 32]);
    assert_ne!(digest, Digest::from([0; 48]));
    assert_ne!(digest, [0; 31].as_slice());
    assert_ne!(digest, [1; 32].as_slice());
    assert_eq!(Box::<[u8]>::from(digest), [0; 32].into());
}

#[test]
fn ed25519_keys_are_canonical_and_not_of_small_order() {
    let usable = |text: &str| {
        let mut key = hex::decode(text).unwrap();
        let plain = ed25519::is_usable(&key);
        key[31] |= 0x80;
        assert_eq!(ed25519::is_usable(&key), plain, "the sign changes nothing");
        plain
    };
    let point =
        |first: u8, middle: &str, last: &str| format!("{first:02x}{}{last}", middle.repeat(30));
    for first in [0, 1] {
        assert!(!usable(&point(first, "00", "00")));
    }
    assert!(usable(&point(2, "00", "00")));
    // p is 2^255 - 19: the last canonical value is 0xec, which is -1.
    assert!(usable(&point(0xeb, "ff", "7f")));
    for first in 0xec..=0xff {
        assert!(!usable(&point(first, "ff", "7f")));
    }
    assert!(usable(&point(0xff, "ff", "7e")));
    assert!(!ed25519::is_usable(&[2; 31]));
}

#[test]
fn the_refused_small_orders_are_all_there_are() {
    // 8 points form the torsion subgroup; the five `y` with both signs are these, written twice
    // for x = 0.
    let weak = ed25519::SMALL_ORDER
        .into_iter()
        .flat_map(|y| {
            let mut negative = y;
            negative[31] |= 0x80;
            [y, negative]
        })
        .filter(|key| {
            ed25519_dalek::VerifyingKey::from_bytes(key)
                .unwrap()
                .is_weak()
        })
        .count();
    assert_eq!(weak, 10);
}
