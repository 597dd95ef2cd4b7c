//! Public keys as the key lints see them.

use const_oid::db::rfc5912;
use der::{Reader, Tag};
use kasane_verify::KeyAlgorithm;

use super::CertificateFacts;
use super::crl_entries::is_padded;
use super::element::Element;

/// The integers of an `RSAPublicKey` (RFC 8017 §A.1.1), without leading zero octets.
#[derive(Clone, Copy, Debug)]
pub(super) struct RsaKey<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) exponent: &'a [u8],
}

impl<'a> RsaKey<'a> {
    /// The subject's key when it is a well-formed RSA key.
    pub(super) fn of(facts: &CertificateFacts<'a>) -> Option<Self> {
        if facts.spki.algorithm.oid != rfc5912::RSA_ENCRYPTION {
            return None;
        }
        let bytes = facts.spki.subject_public_key.as_bytes()?;
        let mut key = Element::whole(bytes)
            .ok()?
            .expect(Tag::Sequence)
            .ok()?
            .inside()
            .ok()?;
        let modulus = positive(Element::read(&mut key).ok()?)?;
        let exponent = positive(Element::read(&mut key).ok()?)?;
        key.is_finished().then_some(Self { modulus, exponent })
    }

    /// Bits of the modulus.
    pub(super) fn bits(&self) -> u32 {
        let unused = self
            .modulus
            .first()
            .map_or(0, |first| first.leading_zeros());
        u32::try_from(self.modulus.len())
            .unwrap_or(u32::MAX)
            .saturating_mul(8)
            - unused
    }
}

/// What the subject's key is, by its own word; `None` when it is nothing that we know.
pub(super) fn algorithm_of(facts: &CertificateFacts<'_>) -> Option<KeyAlgorithm> {
    if let Some(rsa) = RsaKey::of(facts) {
        return Some(KeyAlgorithm::Rsa { bits: rsa.bits() });
    }
    if facts.spki.algorithm.oid != rfc5912::ID_EC_PUBLIC_KEY {
        return None;
    }
    match facts.spki.algorithm.parameters?.decode_as().ok()? {
        rfc5912::SECP_256_R_1 => Some(KeyAlgorithm::P256),
        rfc5912::SECP_384_R_1 => Some(KeyAlgorithm::P384),
        rfc5912::SECP_521_R_1 => Some(KeyAlgorithm::P521),
        _ => None,
    }
}

fn positive(element: Element<'_>) -> Option<&[u8]> {
    let octets = element.expect(Tag::Integer).ok()?.value;
    if is_padded(octets) {
        return None;
    }
    match octets {
        [] | [0] => None,
        [first, ..] if *first >= 0x80 => None,
        [0, rest @ ..] => Some(rest),
        all => Some(all),
    }
}
