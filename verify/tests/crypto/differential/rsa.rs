//! RSASSA-PKCS1-v1_5.

use std::sync::LazyLock;

use kasane_verify::SignatureAlgorithm;
use kasane_verify::spki::PublicKeyInfo;
use num_bigint::BigUint;
use proptest::prelude::*;
use rcgen::{KeyPair, PublicKeyData, RsaKeySize, SigningKey};

use super::{Damage, cases};
use crate::asked::Signed;

/// One key, able to sign over each digest.
struct Key {
    spki: Vec<u8>,
    modulus: BigUint,
    pairs: Vec<(SignatureAlgorithm, KeyPair)>,
}

/// RSA keys are slow to make, so there are two.
static KEYS: LazyLock<[Key; 2]> =
    LazyLock::new(|| [RsaKeySize::_2048, RsaKeySize::_3072].map(Key::new));

impl Key {
    fn new(size: RsaKeySize) -> Self {
        let pair = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap();
        let der = pair.serialize_der();
        let pairs = [
            (SignatureAlgorithm::RsaPkcs1Sha256, &rcgen::PKCS_RSA_SHA256),
            (SignatureAlgorithm::RsaPkcs1Sha384, &rcgen::PKCS_RSA_SHA384),
            (SignatureAlgorithm::RsaPkcs1Sha512, &rcgen::PKCS_RSA_SHA512),
        ]
        .map(|(algorithm, how)| {
            let der = der.clone().try_into().unwrap();
            (
                algorithm,
                KeyPair::from_der_and_sign_algo(&der, how).unwrap(),
            )
        });
        let spki = pair.subject_public_key_info();
        let info = PublicKeyInfo::from_der(&spki).unwrap();
        // SEQUENCE, INTEGER with a zero before the first octet: 4 + 4 + 1.
        let octets = if info.key_bytes().len() < 300 {
            256
        } else {
            384
        };
        let modulus = BigUint::from_bytes_be(&info.key_bytes()[9..9 + octets]);
        Self {
            spki,
            modulus,
            pairs: pairs.into(),
        }
    }

    fn octets(&self, number: &BigUint) -> Vec<u8> {
        let digits = number.to_bytes_be();
        let wanted = self.modulus.bits().div_ceil(8) as usize;
        [vec![0; wanted.saturating_sub(digits.len())], digits].concat()
    }
}

#[derive(Clone, Copy, Debug)]
enum Number {
    Zero,
    One,
    Modulus,
    ModulusMinusOne,
    /// The same residue, out of range.
    PlusModulus,
    /// Its negative.
    Negated,
    AllOnes,
}

impl Number {
    fn of(self, key: &Key, signature: &BigUint) -> BigUint {
        let modulus = &key.modulus;
        match self {
            Self::Zero => BigUint::ZERO,
            Self::One => BigUint::from(1_u8),
            Self::Modulus => modulus.clone(),
            Self::ModulusMinusOne => modulus - 1_u8,
            Self::PlusModulus => modulus + signature,
            Self::Negated => modulus - signature,
            Self::AllOnes => (BigUint::from(1_u8) << modulus.bits()) - 1_u8,
        }
    }
}

fn right() -> impl Strategy<Value = (usize, Signed)> {
    (
        0..2_usize,
        0..3_usize,
        prop::collection::vec(any::<u8>(), 0..200),
    )
        .prop_map(|(key, digest, message)| {
            let (algorithm, pair) = &KEYS[key].pairs[digest];
            let signed = Signed {
                algorithm: *algorithm,
                spki: KEYS[key].spki.clone(),
                signature: pair.sign(&message).unwrap(),
                message,
            };
            (key, signed)
        })
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn signatures_verify_over_their_own_message_with_their_own_digest_and_key(
        (key, signed) in right(),
    ) {
        prop_assert_eq!(signed.verdict(), Ok(()));
        let mut message = signed.clone();
        message.message.push(0);
        prop_assert!(message.is_bad());
        for (algorithm, _) in &KEYS[key].pairs {
            let digest = Signed { algorithm: *algorithm, ..signed.clone() };
            prop_assert_eq!(digest.is_bad(), *algorithm != signed.algorithm);
        }
        let other = Signed { spki: KEYS[1 - key].spki.clone(), ..signed.clone() };
        prop_assert!(other.is_bad());
        let family = Signed { algorithm: SignatureAlgorithm::EcdsaSha256, ..signed };
        prop_assert!(family.is_of_another_family());
    }

    #[test]
    fn damaged_signatures_are_bad((_, signed) in right(), damage in Damage::any()) {
        let mut damaged = signed;
        let changed = damage.apply(&mut damaged.signature);
        prop_assert_eq!(damaged.is_bad(), changed);
    }

    #[test]
    fn other_numbers_are_bad(
        (key, signed) in right(),
        number in prop::sample::select(vec![
            Number::Zero,
            Number::One,
            Number::Modulus,
            Number::ModulusMinusOne,
            Number::PlusModulus,
            Number::Negated,
            Number::AllOnes,
        ]),
    ) {
        let key = &KEYS[key];
        let value = number.of(key, &BigUint::from_bytes_be(&signed.signature));
        let other = Signed { signature: key.octets(&value), ..signed };
        prop_assert!(other.is_bad(), "{number:?}");
    }
}
