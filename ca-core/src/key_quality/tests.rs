use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    RsaKeyPair,
};
use der::Encode;
use der::asn1::{Any, BitString, Uint};
use num_bigint::BigUint;
use proptest::prelude::*;
use spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::*;

/// testECCP384 of RFC 9500 §2.3.
const PUBLISHED_KEY: &str = "3076301006072a8648ce3d020106052b81040022036200045b0901b88523296eb919d50ffa1a\
    9cb374bc4d409586282bfeca11b1d95adbb54734af570bf82b7228cf226bcf4c25ddbcfe3b1a\
    3ad39430eff763e1d68d2e151d91720b7795b58da6b34639613a8fb9b5a8da48c6747117f991\
    9e8424f37ec8";

fn check_plain(spki: &[u8]) -> Result<CheckedKey, KeyError> {
    check(spki, &WeakKeys::default())
}

fn code(spki: &[u8]) -> &'static str {
    check_plain(spki).unwrap_err().code()
}

fn spki(oid: ObjectIdentifier, parameters: Option<Any>, key: &[u8]) -> Vec<u8> {
    let subject_public_key = BitString::from_bytes(key).unwrap();
    let algorithm = AlgorithmIdentifier { oid, parameters };
    SubjectPublicKeyInfo {
        algorithm,
        subject_public_key,
    }
    .to_der()
    .unwrap()
}

fn rsa_spki(modulus: &BigUint, exponent: u32) -> Vec<u8> {
    let uint = |value: &BigUint| Uint::new(&value.to_bytes_be()).unwrap();
    let key = vec![uint(modulus), uint(&exponent.into())]
        .to_der()
        .unwrap();
    spki(rfc5912::RSA_ENCRYPTION, Some(Any::null()), &key)
}

fn ec_spki(curve: ObjectIdentifier, point: &[u8]) -> Vec<u8> {
    spki(rfc5912::ID_EC_PUBLIC_KEY, Some(Any::from(curve)), point)
}

fn two_to(exponent: u32) -> BigUint {
    BigUint::from(1u32) << exponent
}

fn has_small_factor(number: &BigUint) -> bool {
    primes::residues(number)
        .iter()
        .any(|(_, residue)| *residue == 0)
}

/// The first number at or below `start`, odd, for which neither it nor it plus `distance` has a
/// small factor: not prime perhaps, which the checks under test cannot tell.
fn rough(start: BigUint, distance: &BigUint) -> BigUint {
    let mut number: BigUint = start | BigUint::from(1u32);
    while has_small_factor(&number) || has_small_factor(&(&number + distance)) {
        number -= 2u32;
    }
    number
}

/// A modulus with the given difference of its factors.
fn modulus_with_distance(distance: &BigUint) -> BigUint {
    let p = rough(two_to(1024) - two_to(1000) - distance, distance);
    &p * (&p + distance)
}

fn honest_rsa(size: KeySize) -> Vec<u8> {
    let pair = RsaKeyPair::generate(size).unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    der.as_ref().to_vec()
}

fn honest_point(curve: KeyAlgorithm) -> Vec<u8> {
    let signing = match curve {
        KeyAlgorithm::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
        _ => &ECDSA_P384_SHA384_ASN1_SIGNING,
    };
    EcdsaKeyPair::generate(signing)
        .unwrap()
        .public_key()
        .as_ref()
        .to_vec()
}

#[test]
fn honest_keys_pass_and_are_kept_as_received() {
    let cases = [
        (honest_rsa(KeySize::Rsa2048), KeyAlgorithm::RSA_2048),
        (honest_rsa(KeySize::Rsa3072), KeyAlgorithm::RSA_3072),
        (honest_rsa(KeySize::Rsa4096), KeyAlgorithm::RSA_4096),
        (
            ec_spki(rfc5912::SECP_256_R_1, &honest_point(KeyAlgorithm::P256)),
            KeyAlgorithm::P256,
        ),
        (
            ec_spki(rfc5912::SECP_384_R_1, &honest_point(KeyAlgorithm::P384)),
            KeyAlgorithm::P384,
        ),
    ];
    for (spki, algorithm) in cases {
        let key = check(&spki, &WeakKeys::built_in().unwrap()).unwrap();
        assert_eq!(
            (key.algorithm(), key.spki_der()),
            (algorithm, spki.as_slice())
        );
        let parsed = SubjectPublicKeyInfoRef::from_der(&spki).unwrap();
        assert_eq!(
            key.subject_public_key(),
            parsed.subject_public_key.raw_bytes()
        );
    }
}

#[test]
fn rsa_sizes_other_than_the_three_are_refused() {
    let with_bits = |bits| code(&rsa_spki(&(two_to(bits) - 1u32), 65537));
    for bits in [1, 512, 1024, 2047] {
        assert_eq!(with_bits(bits), "key.rsa-too-short", "{bits}");
    }
    for bits in [2049, 2056, 4095] {
        assert_eq!(with_bits(bits), "key.rsa-size-unsupported", "{bits}");
    }
    for bits in [4097, 8192, 65_536] {
        assert_eq!(with_bits(bits), "key.rsa-too-long", "{bits}");
    }
}

#[test]
fn each_bad_exponent_has_its_own_code() {
    let modulus = modulus_with_distance(&two_to(1000));
    let with = |exponent| code(&rsa_spki(&modulus, exponent));
    assert!(check_plain(&rsa_spki(&modulus, 65537)).is_ok());
    assert_eq!(with(0), "key.rsa-exponent-even");
    assert_eq!(with(65536), "key.rsa-exponent-even");
    assert_eq!(with(1), "key.rsa-exponent-one");
    assert_eq!(with(3), "key.rsa-exponent-three");
    assert_eq!(with(17), "key.rsa-exponent-unsupported");
    assert_eq!(with(65539), "key.rsa-exponent-unsupported");
}

#[test]
fn moduli_with_small_factors_are_refused() {
    assert_eq!(
        code(&rsa_spki(&(two_to(2047) + 2u32), 65537)),
        "key.rsa-modulus-even"
    );
    for factor in [3u32, 5, 353, 751] {
        let other = rough((two_to(2048) - 1u32) / factor, &BigUint::ZERO);
        let refused = check_plain(&rsa_spki(&(other * factor), 65537)).unwrap_err();
        assert_eq!(refused, KeyError::RsaSmallFactor { factor });
    }
}

/// Both factors of the form `k * M + 65537^a mod M` of CVE-2017-15361.
#[test]
fn roca_fingerprint_is_recognised() {
    let primorial: BigUint = primes::odd_primes()
        .take_while(|prime| *prime <= 701)
        .map(BigUint::from)
        .product::<BigUint>()
        * 2u32;
    assert_eq!(primorial.bits(), 971);
    let highest = (two_to(1024) - 1u32) / &primorial - 1u32;
    let factor = |k: u32, mut power: u32| loop {
        let residue = BigUint::from(65537u32).modpow(&power.into(), &primorial);
        let factor = (&highest - k) * &primorial + residue;
        if !has_small_factor(&factor) {
            break factor;
        }
        power += 1;
    };
    let modulus = factor(0, 1_000) * factor(1 << 20, 77_777);
    assert_eq!(code(&rsa_spki(&modulus, 65537)), "key.roca");
    // One step beside the fingerprint is an ordinary number again.
    let beside = rough(modulus - 2u32, &BigUint::ZERO);
    assert!(check_plain(&rsa_spki(&beside, 65537)).is_ok());
}

/// Fermat needs about `distance² / (8 * 2^1024)` rounds: 32 for 2^516, 512 for 2^518.
#[test]
fn close_primes_are_found_within_a_hundred_rounds() {
    for distance in [BigUint::ZERO, BigUint::from(2u32), two_to(400), two_to(516)] {
        let modulus = modulus_with_distance(&distance);
        assert_eq!(
            code(&rsa_spki(&modulus, 65537)),
            "key.close-primes",
            "{distance:x}"
        );
    }
    assert!(check_plain(&rsa_spki(&modulus_with_distance(&two_to(518)), 65537)).is_ok());
}

#[test]
fn curves_other_than_p256_and_p384_are_refused() {
    let point = honest_point(KeyAlgorithm::P256);
    for (curve, name) in [
        (rfc5912::SECP_224_R_1, "P-224"),
        (rfc5912::SECP_521_R_1, "P-521"),
        (ObjectIdentifier::new_unwrap("1.3.132.0.10"), "1.3.132.0.10"),
    ] {
        let refused = check_plain(&ec_spki(curve, &point)).unwrap_err();
        assert_eq!(refused.code(), "key.curve-unsupported");
        assert!(refused.to_string().contains(name), "{refused}");
    }
}

#[test]
fn curves_that_are_not_named_are_refused() {
    let point = honest_point(KeyAlgorithm::P256);
    let with = |parameters| code(&spki(rfc5912::ID_EC_PUBLIC_KEY, parameters, &point));
    // SpecifiedECDomain begins with its version (RFC 3279 §2.3.5); its tag alone decides.
    let explicit = Any::new(der::Tag::Sequence, [0x02, 0x01, 0x01]).unwrap();
    assert_eq!(with(Some(explicit)), "key.curve-explicit");
    assert_eq!(with(Some(Any::null())), "key.curve-missing");
    assert_eq!(with(None), "key.curve-missing");
}

#[test]
fn each_bad_point_has_its_own_code() {
    for (curve, algorithm) in [
        (rfc5912::SECP_256_R_1, KeyAlgorithm::P256),
        (rfc5912::SECP_384_R_1, KeyAlgorithm::P384),
    ] {
        let point = honest_point(algorithm);
        let with = |point: &[u8]| code(&ec_spki(curve, point));
        let mut off_curve = point.clone();
        *off_curve.last_mut().unwrap() ^= 1;
        assert_eq!(with(&off_curve), "key.point-not-on-curve");
        let mut outside_field = vec![0xff; point.len()];
        outside_field[0] = 0x04;
        assert_eq!(with(&outside_field), "key.point-not-on-curve");
        let mut zero = vec![0; point.len()];
        zero[0] = 0x04;
        assert_eq!(with(&zero), "key.point-not-on-curve");
        let compressed = [&[0x02], &point[1..=point.len() / 2]].concat();
        assert_eq!(with(&compressed), "key.point-compressed");
        assert_eq!(with(&[0x00]), "key.point-at-infinity");
        let mut hybrid = point.clone();
        hybrid[0] = 0x06;
        for malformed in [&[], &point[..point.len() - 1], &hybrid[..], &[0x00, 0x00]] {
            assert_eq!(with(malformed), "key.point-malformed", "{malformed:?}");
        }
    }
}

#[test]
fn other_algorithms_and_forms_are_refused() {
    assert_eq!(
        code(&spki(rfc8410::ID_ED_25519, None, &[7; 32])),
        "key.ed25519-refused"
    );
    // RSASSA-PSS as the algorithm of a key.
    let pss = spki(rfc5912::ID_RSASSA_PSS, None, &[0x30, 0x00]);
    assert_eq!(code(&pss), "key.algorithm-unsupported");
    assert_eq!(
        code(&spki(rfc5912::RSA_ENCRYPTION, None, &[0x30, 0x00])),
        "key.rsa-parameters"
    );
    for key in [
        &[][..],
        &[0x30, 0x00],
        &[0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x03],
    ] {
        let malformed = spki(rfc5912::RSA_ENCRYPTION, Some(Any::null()), key);
        assert_eq!(code(&malformed), "key.malformed", "{key:?}");
    }
    let mut trailing = ec_spki(rfc5912::SECP_384_R_1, &honest_point(KeyAlgorithm::P384));
    let unused = trailing.iter().position(|octet| *octet == 0x62).unwrap();
    assert_eq!(
        trailing[unused + 1],
        0x00,
        "the unused bits stand behind the length, 98"
    );
    let mut unused_bits = trailing.clone();
    unused_bits[unused + 1] = 4;
    *unused_bits.last_mut().unwrap() &= 0xf0;
    assert_eq!(code(&unused_bits), "key.malformed");
    trailing.push(0);
    assert_eq!(code(&trailing), "key.malformed");
}

#[test]
fn published_keys_are_refused() {
    let published = hex::decode(PUBLISHED_KEY).unwrap();
    assert!(check_plain(&published).is_ok());
    let built_in = WeakKeys::built_in().unwrap();
    assert_eq!(built_in.len(), 4);
    assert_eq!(
        check(&published, &built_in).unwrap_err().code(),
        "key.known-weak"
    );
}

#[test]
fn weak_key_lists_are_read_line_by_line() {
    let hash = "c4c10105a0be0ed4dd3354428dc38a9bfee64da141ce16e75c94eda272f9dd3a";
    let list = WeakKeys::parse(&format!("# remark\n\n{hash} from somewhere\r\n")).unwrap();
    assert_eq!((list.len(), list.is_empty()), (1, false));
    assert_eq!(WeakKeys::default().merged_with(&list).len(), 1);
    for text in ["\nzz", "\nabcd", &format!("\n{hash}00")] {
        assert_eq!(
            WeakKeys::parse(text).unwrap_err(),
            WeakKeyListError { line: 2 },
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn no_octets_make_the_check_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = check_plain(&octets);
        let _ = check_plain(&spki(rfc5912::RSA_ENCRYPTION, Some(Any::null()), &octets));
        let _ = check_plain(&ec_spki(rfc5912::SECP_384_R_1, &octets));
    }
}
