//! ECDSA.

use kasane_verify::SignatureAlgorithm;
use num_bigint::BigUint;
use proptest::prelude::*;
use sha2::Digest;

use super::{Damage, cases};
use crate::asked::Signed;
use crate::encoding::{INTEGER, P256, P384, P521, SEQUENCE, integer, spki, tlv};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
    P521,
}

const ALGORITHMS: [SignatureAlgorithm; 3] = [
    SignatureAlgorithm::EcdsaSha256,
    SignatureAlgorithm::EcdsaSha384,
    SignatureAlgorithm::EcdsaSha512,
];

fn prehash(algorithm: SignatureAlgorithm, message: &[u8]) -> Vec<u8> {
    match algorithm {
        SignatureAlgorithm::EcdsaSha256 => sha2::Sha256::digest(message).to_vec(),
        SignatureAlgorithm::EcdsaSha384 => sha2::Sha384::digest(message).to_vec(),
        _ => sha2::Sha512::digest(message).to_vec(),
    }
}

/// SPKI and the two numbers of a signature.
type Made = (Vec<u8>, BigUint, BigUint);

macro_rules! sign {
    ($curve:ident, $seed:expr, $prehash:expr, $identifier:expr, $length:literal) => {{
        use $curve::ecdsa::signature::hazmat::PrehashSigner;
        // Less than the order, and not zero.
        let mut secret = [0; $length];
        secret[2..].copy_from_slice(&$seed[..$length - 2]);
        secret[$length - 1] |= 1;
        let key = $curve::ecdsa::SigningKey::from_slice(&secret).unwrap();
        let signature: $curve::ecdsa::Signature = key.sign_prehash($prehash).unwrap();
        let (r, s) = signature.split_bytes();
        let point = key.verifying_key().to_sec1_point(false);
        (
            spki($identifier, point.as_bytes()),
            BigUint::from_bytes_be(&r),
            BigUint::from_bytes_be(&s),
        )
    }};
}

impl Curve {
    fn sign(self, seed: &[u8; 64], prehash: &[u8]) -> Made {
        match self {
            Self::P256 => sign!(p256, seed, prehash, P256, 32),
            Self::P384 => sign!(p384, seed, prehash, P384, 48),
            Self::P521 => sign!(p521, seed, prehash, P521, 66),
        }
    }

    /// SP 800-186 §3.2.1.
    fn order(self) -> BigUint {
        let digits = match self {
            Self::P256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
            Self::P384 => {
                "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf\
                 581a0db248b0a77aecec196accc52973"
            }
            Self::P521 => {
                "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa\
                 51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
            }
        };
        BigUint::from_bytes_be(&hex::decode(digits).unwrap())
    }
}

/// Wrong (and one right) ways to write a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    AsIs,
    /// `n - s`, which verifies as well.
    OtherS,
    ZeroR,
    ZeroS,
    OrderR,
    OrderS,
    /// The same residue, out of range.
    RPlusOrder,
    SPlusOrder,
    Swapped,
    PaddedR,
    PaddedS,
    NegativeR,
    EmptyS,
    LongLength,
    Indefinite,
    ThirdInteger,
    OneInteger,
    Set,
    /// r and s without DER, as other protocols write them.
    Fixed,
}

const SPOILT: [Form; 17] = [
    Form::ZeroR,
    Form::ZeroS,
    Form::OrderR,
    Form::OrderS,
    Form::RPlusOrder,
    Form::SPlusOrder,
    Form::Swapped,
    Form::PaddedR,
    Form::PaddedS,
    Form::NegativeR,
    Form::EmptyS,
    Form::LongLength,
    Form::Indefinite,
    Form::ThirdInteger,
    Form::OneInteger,
    Form::Set,
    Form::Fixed,
];

impl Form {
    fn write(self, curve: Curve, r: &BigUint, s: &BigUint) -> Vec<u8> {
        let int = |number: &BigUint| integer(&number.to_bytes_be());
        let raw = |content: Vec<u8>| tlv(INTEGER, &content);
        let order = curve.order();
        let zero = BigUint::ZERO;
        let padded = |number: &BigUint| {
            let plain = int(number);
            raw([&[0], &plain[2..]].concat())
        };
        let (first, second) = match self {
            Self::OtherS => (int(r), int(&(order - s))),
            Self::ZeroR => (int(&zero), int(s)),
            Self::ZeroS => (int(r), int(&zero)),
            Self::OrderR => (int(&order), int(s)),
            Self::OrderS => (int(r), int(&order)),
            Self::RPlusOrder => (int(&(order + r)), int(s)),
            Self::SPlusOrder => (int(r), int(&(order + s))),
            Self::Swapped => (int(s), int(r)),
            Self::PaddedR => (padded(r), int(s)),
            Self::PaddedS => (int(r), padded(s)),
            Self::NegativeR => {
                let mut content = r.to_bytes_be();
                content[0] |= 0x80;
                (raw(content), int(s))
            }
            Self::EmptyS => (int(r), raw(Vec::new())),
            _ => (int(r), int(s)),
        };
        let content = [&first[..], &second[..]].concat();
        let length = content.len();
        match self {
            Self::LongLength => {
                let length = u16::try_from(length).unwrap().to_be_bytes();
                [&[SEQUENCE, 0x82], &length[..], &content].concat()
            }
            Self::Indefinite => [&[SEQUENCE, 0x80], &content[..], &[0, 0]].concat(),
            Self::ThirdInteger => tlv(SEQUENCE, &[content, int(s)].concat()),
            Self::OneInteger => tlv(SEQUENCE, &first),
            Self::Set => tlv(0x31, &content),
            Self::Fixed => [r.to_bytes_be(), s.to_bytes_be()].concat(),
            _ => tlv(SEQUENCE, &content),
        }
    }
}

/// A signature that is right, and its parts.
#[derive(Clone, Debug)]
struct Right {
    curve: Curve,
    r: BigUint,
    s: BigUint,
    signed: Signed,
}

fn right() -> impl Strategy<Value = Right> {
    (
        prop::sample::select(vec![Curve::P256, Curve::P384, Curve::P521]),
        prop::sample::select(ALGORITHMS.to_vec()),
        any::<[u8; 32]>(),
        any::<[u8; 32]>(),
        prop::collection::vec(any::<u8>(), 0..200),
    )
        .prop_map(|(curve, algorithm, high, low, message)| {
            let mut seed = [0; 64];
            seed[..32].copy_from_slice(&high);
            seed[32..].copy_from_slice(&low);
            let (spki, r, s) = curve.sign(&seed, &prehash(algorithm, &message));
            let signed = Signed {
                algorithm,
                spki,
                message,
                signature: Form::AsIs.write(curve, &r, &s),
            };
            Right {
                curve,
                r,
                s,
                signed,
            }
        })
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn signatures_verify_with_every_digest_and_with_either_s(right in right()) {
        prop_assert_eq!(right.signed.verdict(), Ok(()));
        let mut other = right.signed.clone();
        other.signature = Form::OtherS.write(right.curve, &right.r, &right.s);
        prop_assert_eq!(other.verdict(), Ok(()));
    }

    #[test]
    fn other_encodings_and_values_out_of_range_are_bad(
        right in right(),
        form in prop::sample::select(SPOILT.to_vec()),
    ) {
        let mut signed = right.signed.clone();
        signed.signature = form.write(right.curve, &right.r, &right.s);
        // A number with its highest bit set is written with one zero in any case.
        prop_assert!(signed.is_bad(), "{form:?}");
    }

    #[test]
    fn damaged_signatures_are_bad(right in right(), damage in Damage::any()) {
        let mut signed = right.signed.clone();
        let changed = damage.apply(&mut signed.signature);
        prop_assert_eq!(signed.is_bad(), changed);
    }

    #[test]
    fn another_message_digest_or_key_does_not_verify(right in right(), another in right()) {
        let mut message = right.signed.clone();
        message.message.push(0);
        prop_assert!(message.is_bad());
        for algorithm in ALGORITHMS {
            let digest = Signed { algorithm, ..right.signed.clone() };
            prop_assert_eq!(digest.is_bad(), algorithm != right.signed.algorithm);
        }
        let key = Signed { spki: another.signed.spki, ..right.signed.clone() };
        prop_assert!(key.is_bad());
        let family = Signed { algorithm: SignatureAlgorithm::Ed25519, ..right.signed };
        prop_assert!(family.is_of_another_family());
    }
}
