//! Keys: right, malformed and out of bounds.

use std::sync::LazyLock;

use kasane_verify::KeyAlgorithm;
use proptest::prelude::*;
use rcgen::{KeyPair, PublicKeyData};

use super::{Damage, cases};
use crate::asked;
use crate::encoding::{P256, P384, P521, rsa_spki, spki};

static RIGHT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut keys = [
        &rcgen::PKCS_ED25519,
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ECDSA_P521_SHA512,
    ]
    .map(|how| {
        KeyPair::generate_for(how)
            .unwrap()
            .subject_public_key_info()
    })
    .to_vec();
    keys.push(rsa_spki(&odd(2048), &[1, 0, 1]));
    keys
});

/// An odd number of so many bits: no product of primes, which no provider looks for.
fn odd(bits: usize) -> Vec<u8> {
    let mut octets = vec![0xa5; bits.div_ceil(8)];
    octets[0] = 1 << ((bits - 1) % 8);
    *octets.last_mut().unwrap() |= 1;
    octets
}

fn code(spki: &[u8]) -> String {
    match asked::key(spki) {
        Ok(key) => key.to_string(),
        Err(error) => error.code().to_owned(),
    }
}

#[test]
fn right_keys_are_read() {
    let names = ["ed25519", "p-256", "p-384", "p-521", "rsa-2048"];
    for (spki, name) in RIGHT.iter().zip(names) {
        assert_eq!(code(spki), name);
    }
}

#[test]
fn rsa_moduli_have_2048_to_8192_bits() {
    let with = |bits| code(&rsa_spki(&odd(bits), &[1, 0, 1]));
    for bits in [512, 1024, 2040, 2047, 8193, 8200, 16_384] {
        assert_eq!(with(bits), "crypto.rsa_size", "{bits}");
    }
    for bits in [2048, 2049, 2055, 2056, 3072, 4096, 8191, 8192] {
        assert_eq!(
            with(bits),
            KeyAlgorithm::Rsa { bits: bits as u32 }.to_string()
        );
    }
    assert_eq!(with(16_385), "key.too_long");
}

#[test]
fn rsa_numbers_are_odd_and_the_exponent_from_3_to_33_bits() {
    let with = |exponent: &[u8]| code(&rsa_spki(&odd(2048), exponent));
    for exponent in [
        &[0][..],
        &[1],
        &[2],
        &[1, 0, 0],
        &[2, 0, 0, 0, 1],
        &[1, 0, 0, 0, 0, 1],
        &[0xff; 256],
    ] {
        assert_eq!(with(exponent), "key.rsa_exponent", "{exponent:?}");
    }
    for exponent in [
        &[3][..],
        &[1, 0, 1],
        &[0xff; 4],
        &[1, 0xff, 0xff, 0xff, 0xff],
    ] {
        assert_eq!(with(exponent), "rsa-2048", "{exponent:?}");
    }
    let mut even = odd(2048);
    *even.last_mut().unwrap() &= 0xfe;
    assert_eq!(code(&rsa_spki(&even, &[1, 0, 1])), "key.rsa_modulus");
}

#[test]
fn points_are_uncompressed_on_the_curve_and_in_range() {
    for (spki_right, identifier, octets) in [
        (&RIGHT[1], P256, 32),
        (&RIGHT[2], P384, 48),
        (&RIGHT[3], P521, 66),
    ] {
        let point = &spki_right[spki_right.len() - 1 - 2 * octets..];
        let of = |point: &[u8]| code(&spki(identifier, point));
        let form = |first: u8, length: usize| of(&[&[first], &point[1..length]].concat());
        assert_ne!(of(point), "crypto.invalid_key");
        assert_eq!(form(2, 1 + octets), "key.compressed_point");
        assert_eq!(form(3, 1 + octets), "key.compressed_point");
        // Hybrid forms (ANSI X9.62), infinity, and half a point.
        for first in [0, 5, 6, 7] {
            assert_eq!(form(first, 1 + 2 * octets), "key.length");
        }
        assert_eq!(of(&[0]), "key.length");
        assert_eq!(form(4, 1 + octets), "key.length");
        assert_eq!(
            of(&[&[4], &vec![0; 2 * octets][..]].concat()),
            "crypto.invalid_key"
        );
        assert_eq!(
            of(&[&[4], &vec![0xff; 2 * octets][..]].concat()),
            "crypto.invalid_key"
        );
        let mut off = point.to_vec();
        *off.last_mut().unwrap() ^= 1;
        assert_eq!(of(&off), "crypto.invalid_key");
    }
}

/// FIPS 186-5: x and y are below the prime. `x + p` is the same residue, and not the same octets.
#[test]
fn coordinates_are_not_reduced_for_the_caller() {
    // On P-256, x = 5 has a point; 5 + p still fits 32 octets.
    let prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    let prime = num_bigint::BigUint::from_bytes_be(&hex::decode(prime).unwrap());
    let mut compressed = [0; 33];
    compressed[0] = 2;
    compressed[32] = 5;
    let key = p256::PublicKey::from_sec1_bytes(&compressed).unwrap();
    use p256::elliptic_curve::sec1::ToSec1Point;
    let mut point = key.to_sec1_point(false).as_bytes().to_vec();
    assert_eq!(code(&spki(P256, &point)), "p-256");
    let moved = (prime + 5_u8).to_bytes_be();
    point[1..33].copy_from_slice(&moved);
    assert_eq!(code(&spki(P256, &point)), "crypto.invalid_key");
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn damaged_keys_are_decided_alike(
        which in 0..5_usize,
        damage in prop::collection::vec(Damage::any(), 1..4),
    ) {
        let mut spki = RIGHT[which].clone();
        for damage in damage {
            if spki.is_empty() {
                break;
            }
            damage.apply(&mut spki);
        }
        // Whether it is a key at all is not the point; `asked::key` fails where the two differ.
        let _ = asked::key(&spki);
    }
}
