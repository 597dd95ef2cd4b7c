//! A small pool of keys, made once.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};

use crate::der::{NULL, oid, sequence};

/// Keys of the pool. Every third CA key is no P-256 key, so that most meshes are mixed.
const KINDS: [Kind; 9] = [
    Kind::P256,
    Kind::Rsa,
    Kind::P256,
    Kind::P384,
    Kind::P256,
    Kind::P256,
    Kind::Rsa,
    Kind::P256,
    Kind::P256,
];

#[derive(Clone, Copy)]
enum Kind {
    P256,
    P384,
    Rsa,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

pub(crate) struct Key {
    pair: Pair,
    /// DER of the `SubjectPublicKeyInfo`.
    pub(crate) spki: Vec<u8>,
    /// DER of the `AlgorithmIdentifier` of its signatures.
    pub(crate) algorithm: Vec<u8>,
}

/// The key with that number, of as many as there are.
pub(crate) fn key(number: usize) -> &'static Key {
    static POOL: OnceLock<Vec<Key>> = OnceLock::new();
    let pool = POOL.get_or_init(|| KINDS.into_iter().map(Key::new).collect());
    &pool[number % pool.len()]
}

impl Key {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::P256 => Self::ec(&ECDSA_P256_SHA256_ASN1_SIGNING, "1.2.840.10045.4.3.2"),
            Kind::P384 => Self::ec(&ECDSA_P384_SHA384_ASN1_SIGNING, "1.2.840.10045.4.3.3"),
            Kind::Rsa => {
                let pair = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
                Self {
                    spki: spki(pair.public_key()),
                    pair: Pair::Rsa(pair),
                    algorithm: sequence(&[&oid("1.2.840.113549.1.1.11"), &NULL]),
                }
            }
        }
    }

    fn ec(curve: &'static EcdsaSigningAlgorithm, algorithm: &str) -> Self {
        let pair = EcdsaKeyPair::generate(curve).unwrap();
        Self {
            spki: spki(pair.public_key()),
            pair: Pair::Ec(pair),
            algorithm: sequence(&[&oid(algorithm)]),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "ECDSA nonces of throw-away keys need no source that a test could replay"
    )]
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    /// A key identifier (RFC 7093 §2 (1)).
    pub(crate) fn id(&self) -> Vec<u8> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.spki);
        digest.as_ref()[..20].to_vec()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

fn spki(key: &impl AsDer<PublicKeyX509Der<'static>>) -> Vec<u8> {
    key.as_der().unwrap().as_ref().to_vec()
}
