//! One provider against the other: right signatures, and every way of spoiling them and their keys.

mod ecdsa;
mod ed25519;
mod keys;
mod rsa;

use proptest::prelude::*;

/// How the octets of a signature or a key are spoilt, whatever they mean.
#[derive(Clone, Debug)]
enum Damage {
    Flip(prop::sample::Index),
    Overwrite(prop::sample::Index, u8),
    Truncate(prop::sample::Index),
    Append(Vec<u8>),
    Prepend(u8),
    Empty,
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            4 => any::<prop::sample::Index>().prop_map(Self::Flip),
            2 => (any::<prop::sample::Index>(), any::<u8>())
                .prop_map(|(at, octet)| Self::Overwrite(at, octet)),
            2 => any::<prop::sample::Index>().prop_map(Self::Truncate),
            1 => prop::collection::vec(any::<u8>(), 1..80).prop_map(Self::Append),
            1 => prop::sample::select(vec![0, 1, 0x30, 0xff]).prop_map(Self::Prepend),
            1 => Just(Self::Empty),
        ]
    }

    /// Does it; whether anything changed.
    fn apply(&self, octets: &mut Vec<u8>) -> bool {
        let before = octets.clone();
        match self {
            Self::Flip(at) => {
                let bit = at.index(octets.len() * 8);
                octets[bit / 8] ^= 1 << (bit % 8);
            }
            Self::Overwrite(at, octet) => {
                let index = at.index(octets.len());
                octets[index] = *octet;
            }
            Self::Truncate(at) => octets.truncate(at.index(octets.len())),
            Self::Append(more) => octets.extend(more),
            Self::Prepend(octet) => octets.insert(0, *octet),
            Self::Empty => octets.clear(),
        }
        *octets != before
    }
}

/// So many cases; a failure prints its input, and nothing is written beside the sources.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
