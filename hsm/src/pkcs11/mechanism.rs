//! Which mechanism makes a signature, what it is given, and what its answer becomes.

use std::borrow::Cow;

use aws_lc_rs::digest;
use const_oid::db::rfc5912;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::{Mechanism, MechanismType};
use der::asn1::{AnyRef, Null, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Encode, Sequence};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use spki::AlgorithmIdentifierRef;

use crate::config::HashOn;

/// One call of `C_Sign`.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) mechanism: Mechanism<'static>,
    pub(super) data: Cow<'a, [u8]>,
}

/// RFC 8017 §9.2.
#[derive(Sequence)]
struct DigestInfo<'a> {
    digest_algorithm: AlgorithmIdentifierRef<'a>,
    digest: &'a OctetStringRef,
}

/// RFC 3279 §2.2.3.
#[derive(Sequence)]
struct EcdsaSigValue<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// How a pair of key and signature is made, on the host's digest or on the token's.
struct Ways {
    hash: &'static digest::Algorithm,
    /// The digest's name in a `DigestInfo`, where the padding needs one.
    named: Option<ObjectIdentifier>,
    on_host: Mechanism<'static>,
    on_token: Mechanism<'static>,
}

/// Whether a key makes such signatures at all. Each curve has its one digest.
pub(super) const fn fits(key: KeyAlgorithm, signature: SignatureAlgorithm) -> bool {
    matches!(
        (key, signature),
        (KeyAlgorithm::Ed25519, SignatureAlgorithm::Ed25519)
            | (KeyAlgorithm::P256, SignatureAlgorithm::EcdsaSha256)
            | (KeyAlgorithm::P384, SignatureAlgorithm::EcdsaSha384)
            | (
                KeyAlgorithm::Rsa { .. },
                SignatureAlgorithm::RsaPkcs1Sha256
                    | SignatureAlgorithm::RsaPkcs1Sha384
                    | SignatureAlgorithm::RsaPkcs1Sha512,
            )
    )
}

/// The call for a signature, or none when the token has no mechanism for it. `wish` is followed as
/// far as the token can: many do not hash for ECDSA, some do not sign a digest of the host's.
pub(super) fn plan<'a>(
    signature: SignatureAlgorithm,
    message: &'a [u8],
    wish: HashOn,
    offered: &[MechanismType],
) -> Option<Plan<'a>> {
    if signature == SignatureAlgorithm::Ed25519 {
        let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
        return offered
            .contains(&mechanism.mechanism_type())
            .then_some(Plan {
                mechanism,
                data: Cow::Borrowed(message),
            });
    }
    let ways = ways(signature)?;
    let host = offered.contains(&ways.on_host.mechanism_type());
    let token = offered.contains(&ways.on_token.mechanism_type());
    let on_token = match wish {
        HashOn::Host => !host,
        HashOn::Token => token,
    };
    match (on_token, host, token) {
        (true, _, true) => Some(Plan {
            mechanism: ways.on_token,
            data: Cow::Borrowed(message),
        }),
        (false, true, _) => Some(Plan {
            data: Cow::Owned(ways.digest(message)?),
            mechanism: ways.on_host,
        }),
        _ => None,
    }
}

/// What leaves the device: the token's octets, or `r` and `s` in DER.
///
/// # Errors
/// What is wrong with the token's answer.
pub(super) fn finish(key: KeyAlgorithm, octets: Vec<u8>) -> Result<Vec<u8>, String> {
    let length = match key {
        KeyAlgorithm::Ed25519 | KeyAlgorithm::P256 => 64,
        KeyAlgorithm::P384 => 96,
        KeyAlgorithm::P521 => 132,
        KeyAlgorithm::Rsa { bits } => usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX),
    };
    if octets.len() != length {
        return Err(format!(
            "the token answered {} octets, a signature of a {key} key has {length}",
            octets.len()
        ));
    }
    match key {
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Rsa { .. } => Ok(octets),
        KeyAlgorithm::P256 | KeyAlgorithm::P384 | KeyAlgorithm::P521 => {
            let (r, s) = octets.split_at(length / 2);
            UintRef::new(r)
                .and_then(|r| UintRef::new(s).map(|s| EcdsaSigValue { r, s }))
                .and_then(|value| value.to_der())
                .map_err(|error| format!("the token's signature cannot be encoded: {error}"))
        }
    }
}

impl Ways {
    fn digest(&self, message: &[u8]) -> Option<Vec<u8>> {
        let digest = digest::digest(self.hash, message);
        match self.named {
            None => Some(digest.as_ref().to_vec()),
            Some(oid) => DigestInfo {
                digest_algorithm: AlgorithmIdentifierRef {
                    oid,
                    parameters: Some(AnyRef::from(Null)),
                },
                digest: OctetStringRef::new(digest.as_ref()).ok()?,
            }
            .to_der()
            .ok(),
        }
    }
}

fn ways(signature: SignatureAlgorithm) -> Option<Ways> {
    let rsa = |hash, oid, on_token| {
        Some(Ways {
            hash,
            named: Some(oid),
            on_host: Mechanism::RsaPkcs,
            on_token,
        })
    };
    let ecdsa = |hash, on_token| {
        Some(Ways {
            hash,
            named: None,
            on_host: Mechanism::Ecdsa,
            on_token,
        })
    };
    match signature {
        SignatureAlgorithm::RsaPkcs1Sha256 => rsa(
            &digest::SHA256,
            rfc5912::ID_SHA_256,
            Mechanism::Sha256RsaPkcs,
        ),
        SignatureAlgorithm::RsaPkcs1Sha384 => rsa(
            &digest::SHA384,
            rfc5912::ID_SHA_384,
            Mechanism::Sha384RsaPkcs,
        ),
        SignatureAlgorithm::RsaPkcs1Sha512 => rsa(
            &digest::SHA512,
            rfc5912::ID_SHA_512,
            Mechanism::Sha512RsaPkcs,
        ),
        SignatureAlgorithm::EcdsaSha256 => ecdsa(&digest::SHA256, Mechanism::EcdsaSha256),
        SignatureAlgorithm::EcdsaSha384 => ecdsa(&digest::SHA384, Mechanism::EcdsaSha384),
        SignatureAlgorithm::EcdsaSha512
        | SignatureAlgorithm::Ed25519
        | SignatureAlgorithm::EcdsaSha1
        | SignatureAlgorithm::RsaPkcs1Sha1 => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_as_short_as_der_asks_and_never_negative() {
        let mut octets = vec![0; 64];
        octets[31] = 0x80;
        octets[63] = 0x01;
        let der = finish(KeyAlgorithm::P256, octets).unwrap();
        assert_eq!(der, [0x30, 7, 2, 2, 0, 0x80, 2, 1, 1]);
    }

    #[test]
    fn answer_of_another_length_is_refused() {
        for (key, length) in [
            (KeyAlgorithm::P256, 63),
            (KeyAlgorithm::P384, 64),
            (KeyAlgorithm::Ed25519, 0),
            (KeyAlgorithm::RSA_2048, 255),
        ] {
            assert!(finish(key, vec![1; length]).is_err(), "{key}");
        }
    }

    #[test]
    fn wish_is_followed_as_far_as_the_token_can() {
        let both = [MechanismType::RSA_PKCS, MechanismType::SHA256_RSA_PKCS];
        let host = [MechanismType::RSA_PKCS];
        let token = [MechanismType::SHA256_RSA_PKCS];
        let made_by = |wish, offered: &[MechanismType]| {
            plan(SignatureAlgorithm::RsaPkcs1Sha256, b"m", wish, offered)
                .map(|plan| plan.mechanism.mechanism_type())
        };
        for (wish, offered, expected) in [
            (HashOn::Host, both.as_slice(), Some(MechanismType::RSA_PKCS)),
            (HashOn::Token, &both, Some(MechanismType::SHA256_RSA_PKCS)),
            (HashOn::Host, &token, Some(MechanismType::SHA256_RSA_PKCS)),
            (HashOn::Token, &host, Some(MechanismType::RSA_PKCS)),
            (HashOn::Host, &[], None),
            (HashOn::Token, &[], None),
        ] {
            assert_eq!(made_by(wish, offered), expected);
        }
    }

    #[test]
    fn every_pair_that_fits_has_a_plan() {
        let keys = [
            KeyAlgorithm::Ed25519,
            KeyAlgorithm::P256,
            KeyAlgorithm::P384,
            KeyAlgorithm::P521,
            KeyAlgorithm::RSA_2048,
        ];
        let offered = [
            MechanismType::RSA_PKCS,
            MechanismType::ECDSA,
            MechanismType::EDDSA,
        ];
        let known = SignatureAlgorithm::ALL;
        for signature in known.into_iter().chain(SignatureAlgorithm::LEGACY) {
            let fits = keys.iter().any(|key| fits(*key, signature));
            let plan = plan(signature, b"m", HashOn::Host, &offered);
            assert_eq!(plan.is_some(), fits, "{signature}");
        }
    }
}
