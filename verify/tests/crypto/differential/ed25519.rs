//! Ed25519, where verifiers are known to differ.

use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signer, SigningKey};
use kasane_verify::SignatureAlgorithm;
use num_bigint::BigUint;
use proptest::prelude::*;
use sha2::{Digest, Sha512};

use super::{Damage, cases};
use crate::asked::{self, Signed};
use crate::encoding::{ED25519, spki};

fn signed(key: &[u8], message: Vec<u8>, signature: Vec<u8>) -> Signed {
    Signed {
        algorithm: SignatureAlgorithm::Ed25519,
        spki: spki(ED25519, key),
        message,
        signature,
    }
}

fn right() -> impl Strategy<Value = Signed> {
    let message = prop::collection::vec(any::<u8>(), 0..200);
    (any::<[u8; 32]>(), message).prop_map(|(seed, message)| {
        let key = SigningKey::from_bytes(&seed);
        let signature = key.sign(&message).to_bytes().to_vec();
        signed(key.verifying_key().as_bytes(), message, signature)
    })
}

/// RFC 8032 §5.1.
fn order() -> BigUint {
    (BigUint::from(1_u8) << 252_u32)
        + "27742317777372353535851937790883648493"
            .parse::<BigUint>()
            .unwrap()
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn signatures_verify_over_their_own_message_only(right in right()) {
        prop_assert_eq!(right.verdict(), Ok(()));
        let mut other = right.clone();
        other.message.push(0);
        prop_assert!(other.is_bad());
        let family = Signed { algorithm: SignatureAlgorithm::EcdsaSha256, ..right };
        prop_assert!(family.is_of_another_family());
    }

    #[test]
    fn damaged_signatures_are_bad(right in right(), damage in Damage::any()) {
        let mut damaged = right;
        let changed = damage.apply(&mut damaged.signature);
        prop_assert_eq!(damaged.is_bad(), changed);
    }

    /// RFC 8032 §5.1.7: S is less than the order.
    #[test]
    fn the_same_residue_out_of_range_is_bad(right in right(), times in 1_u8..15) {
        let mut other = right;
        let s = BigUint::from_bytes_le(&other.signature[32..]) + order() * times;
        let digits = s.to_bytes_le();
        prop_assume!(digits.len() <= 32);
        other.signature.truncate(32);
        other.signature.extend(&digits);
        other.signature.resize(64, 0);
        prop_assert!(other.is_bad());
    }

    /// Keys and commitments with a part of small order, made so that the equation with a cofactor
    /// holds: it must be decided without the cofactor, and alike.
    #[test]
    fn parts_of_small_order_are_decided_alike(
        secret in any::<[u8; 64]>(),
        nonce in any::<[u8; 64]>(),
        message in any::<[u8; 8]>(),
        key_torsion in 0..8_usize,
        commitment_torsion in 0..8_usize,
    ) {
        let secret = Scalar::from_bytes_mod_order_wide(&secret);
        let nonce = Scalar::from_bytes_mod_order_wide(&nonce);
        let key = ED25519_BASEPOINT_TABLE * &secret + EIGHT_TORSION[key_torsion];
        let commitment = ED25519_BASEPOINT_TABLE * &nonce + EIGHT_TORSION[commitment_torsion];
        let (key, commitment) = (key.compress().to_bytes(), commitment.compress().to_bytes());
        let hashed = Sha512::new()
            .chain_update(commitment)
            .chain_update(key)
            .chain_update(message)
            .finalize();
        let challenge = Scalar::from_bytes_mod_order_wide(&hashed.into());
        let signature = [commitment, (nonce + challenge * secret).to_bytes()].concat();
        let verdict = signed(&key, message.into(), signature).verdict();
        if key_torsion == 0 {
            prop_assert_eq!(verdict.is_ok(), commitment_torsion == 0);
        }
    }

    /// Half of all octet strings are no point; the providers notice it when a signature is checked.
    #[test]
    fn any_octets_as_a_key_are_decided_alike(
        key in any::<[u8; 32]>(),
        right in right(),
    ) {
        prop_assert!(asked::key(&spki(ED25519, &key)).is_ok());
        prop_assert!(signed(&key, right.message, right.signature).is_bad());
    }
}

/// Under such a key some signatures verify that nobody made, so no provider takes it.
#[test]
fn keys_of_small_order_are_refused() {
    for point in EIGHT_TORSION {
        let verdict = asked::key(&spki(ED25519, &point.compress().to_bytes()));
        assert_eq!(verdict.unwrap_err().code(), "crypto.invalid_key");
    }
}

/// Commitments that are not canonical, or of small order, under a right key.
#[test]
fn strange_commitments_are_decided_alike() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let key = key.verifying_key();
    let prime = (BigUint::from(1_u8) << 255_u32) - 19_u8;
    let not_canonical = (0_u8..19).map(|more| (&prime + more).to_bytes_le());
    let small = EIGHT_TORSION.map(|point| point.compress().to_bytes().to_vec());
    for commitment in not_canonical.chain(small) {
        for sign in [0, 0x80] {
            let mut signature = commitment.clone();
            signature[31] |= sign;
            signature.extend([0; 32]);
            assert!(signed(key.as_bytes(), vec![1], signature).is_bad());
        }
    }
}
