//! RSA with the exponent 65537.

use aws_lc_rs::{
    digest::{Algorithm as DigestAlgorithm, Digest, SHA256, SHA384, SHA512},
    encoding::AsDer,
    rsa::{KeyPairComponents, KeySize, PublicKeyComponents},
    signature::{
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
        RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
    },
};
use der::{Decode, Sequence, asn1::UintRef};
use num_bigint::BigUint;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::protocol::{Algorithm, DeviceError};

const EXPONENT: u32 = 65_537;
/// The octets of MGF1 with SHA-256, SHA-384 and SHA-512.
const MGF1: [(u8, &DigestAlgorithm); 3] = [(33, &SHA256), (34, &SHA384), (35, &SHA512)];

/// A private key.
pub struct RsaKey {
    algorithm: Algorithm,
    pair: RsaKeyPair,
    primes: Zeroizing<Vec<u8>>,
}

impl RsaKey {
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, DeviceError> {
        let size = match algorithm {
            Algorithm::Rsa2048 => KeySize::Rsa2048,
            Algorithm::Rsa3072 => KeySize::Rsa3072,
            Algorithm::Rsa4096 => KeySize::Rsa4096,
            _ => return Err(DeviceError::AlgorithmDisabled),
        };
        let pair = RsaKeyPair::generate(size).map_err(|_| DeviceError::StorageFailed)?;
        let primes = primes_of(&pair, modulus_bytes(algorithm)?)?;
        Ok(Self {
            algorithm,
            pair,
            primes,
        })
    }

    /// `p | q`, each half as long as the modulus. The rest of the key follows from them.
    pub(super) fn from_primes(algorithm: Algorithm, primes: &[u8]) -> Result<Self, DeviceError> {
        let modulus_bytes = modulus_bytes(algorithm)?;
        if primes.len() != modulus_bytes {
            return Err(DeviceError::WrongLength);
        }
        let components = components(primes).ok_or(DeviceError::InvalidData)?;
        let pair =
            RsaKeyPair::from_components(&components).map_err(|_| DeviceError::InvalidData)?;
        if pair.public_modulus_len() != modulus_bytes {
            return Err(DeviceError::InvalidData);
        }
        Ok(Self {
            algorithm,
            pair,
            primes: Zeroizing::new(primes.to_vec()),
        })
    }

    pub(super) fn primes(&self) -> Zeroizing<Vec<u8>> {
        self.primes.clone()
    }

    /// `dp | dq | qinv | n`, which follow the primes in a wrapped object.
    pub(super) fn rest_of_wrapped_form(&self) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
        let components = components(&self.primes).ok_or(DeviceError::StorageFailed)?;
        let half = self.primes.len() / 2;
        let mut rest = Zeroizing::new(Vec::with_capacity(half * 5));
        for octets in [components.dP, components.dQ, components.qInv] {
            extend_filled(&mut rest, &octets, half);
        }
        rest.extend_from_slice(&components.public_key.n);
        Ok(rest)
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn modulus(&self) -> Vec<u8> {
        let (p, q) = self.primes.split_at(self.primes.len() / 2);
        (BigUint::from_bytes_be(p) * BigUint::from_bytes_be(q)).to_bytes_be()
    }

    pub(super) fn sign_pkcs1(&self, digest: &[u8]) -> Result<Vec<u8>, DeviceError> {
        let padding: &'static dyn RsaEncoding = match digest.len() {
            20 => return Err(DeviceError::AlgorithmDisabled),
            32 => &RSA_PKCS1_SHA256,
            48 => &RSA_PKCS1_SHA384,
            64 => &RSA_PKCS1_SHA512,
            _ => return Err(DeviceError::WrongLength),
        };
        self.sign(padding, digest)
    }

    pub(super) fn sign_pss(
        &self,
        mgf1: u8,
        salt: u16,
        digest: &[u8],
    ) -> Result<Vec<u8>, DeviceError> {
        let padding: &'static dyn RsaEncoding = match digest.len() {
            20 => return Err(DeviceError::AlgorithmDisabled),
            32 => &RSA_PSS_SHA256,
            48 => &RSA_PSS_SHA384,
            64 => &RSA_PSS_SHA512,
            _ => return Err(DeviceError::WrongLength),
        };
        let fits = MGF1
            .iter()
            .any(|(code, own)| *code == mgf1 && own.output_len == digest.len());
        if !fits || usize::from(salt) != digest.len() {
            return Err(DeviceError::InvalidData);
        }
        self.sign(padding, digest)
    }

    fn sign(
        &self,
        padding: &'static dyn RsaEncoding,
        digest: &[u8],
    ) -> Result<Vec<u8>, DeviceError> {
        let algorithm = match digest.len() {
            32 => &SHA256,
            48 => &SHA384,
            _ => &SHA512,
        };
        let digest =
            Digest::import_less_safe(digest, algorithm).map_err(|_| DeviceError::InvalidData)?;
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign_digest(padding, &digest, &mut signature)
            .map_err(|_| DeviceError::InvalidData)?;
        Ok(signature)
    }
}

fn modulus_bytes(algorithm: Algorithm) -> Result<usize, DeviceError> {
    algorithm
        .modulus_bytes()
        .ok_or(DeviceError::AlgorithmDisabled)
}

/// The whole key (RFC 8017 §3.2) from its primes, if they are some. Not in constant time: nothing
/// that is worth guarding is ever given to a simulator.
fn components(primes: &[u8]) -> Option<KeyPairComponents<Vec<u8>>> {
    let (p, q) = primes.split_at(primes.len() / 2);
    let (p, q) = (BigUint::from_bytes_be(p), BigUint::from_bytes_be(q));
    let (one, e) = (BigUint::from(1_u8), BigUint::from(EXPONENT));
    if p <= one || q <= one {
        return None;
    }
    let (p1, q1) = (&p - &one, &q - &one);
    let d = e.modinv(&(&p1 * &q1))?;
    Some(KeyPairComponents {
        public_key: PublicKeyComponents {
            n: (&p * &q).to_bytes_be(),
            e: e.to_bytes_be(),
        },
        dP: (&d % &p1).to_bytes_be(),
        dQ: (&d % &q1).to_bytes_be(),
        qInv: q.modinv(&p)?.to_bytes_be(),
        d: d.to_bytes_be(),
        p: p.to_bytes_be(),
        q: q.to_bytes_be(),
    })
}

/// With zeros before it.
fn extend_filled(out: &mut Vec<u8>, octets: &[u8], length: usize) {
    out.extend(std::iter::repeat_n(0, length.saturating_sub(octets.len())));
    out.extend_from_slice(octets);
}

/// RFC 8017 appendix A.1.2.
#[derive(Sequence)]
struct RsaPrivateKey<'a> {
    version: u8,
    n: UintRef<'a>,
    e: UintRef<'a>,
    d: UintRef<'a>,
    p: UintRef<'a>,
    q: UintRef<'a>,
    dp: UintRef<'a>,
    dq: UintRef<'a>,
    q_inverse: UintRef<'a>,
}

/// RFC 5208 §5, as aws-lc writes it: without attributes.
#[derive(Sequence)]
struct PrivateKeyInfo<'a> {
    version: u8,
    algorithm: AlgorithmIdentifierRef<'a>,
    private_key: &'a der::asn1::OctetStringRef,
}

fn primes_of(pair: &RsaKeyPair, modulus_bytes: usize) -> Result<Zeroizing<Vec<u8>>, DeviceError> {
    let der = pair.as_der().map_err(|_| DeviceError::StorageFailed)?;
    let read = || -> Result<_, der::Error> {
        let info = PrivateKeyInfo::from_der(der.as_ref())?;
        let key = RsaPrivateKey::from_der(info.private_key.as_bytes())?;
        let mut primes = Zeroizing::new(Vec::with_capacity(modulus_bytes));
        for prime in [key.p, key.q] {
            extend_filled(&mut primes, prime.as_bytes(), modulus_bytes / 2);
        }
        Ok(primes)
    };
    read().map_err(|_| DeviceError::StorageFailed)
}
