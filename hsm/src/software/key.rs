//! A key pair in memory.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding,
    RsaKeyPair,
};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use zeroize::Zeroizing;

use crate::{
    DeviceName, Disposition, Error, KeyInfo, KeyLabel, KeyRole, SignRequest, Signature, SigningKey,
};

/// The library erases its own copies when a pair is dropped.
enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// An opened software key.
pub(super) struct SoftwareKey {
    info: KeyInfo,
    pair: Pair,
}

/// Entropy of the operating system. A key backend is where randomness begins, as in a device.
pub(super) fn system_random() -> SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "a key backend is a source of randomness"
    )]
    SystemRandom::new()
}

impl SoftwareKey {
    /// Makes a pair. `backend` is for errors.
    pub(super) fn generate(
        backend: &dyn Fn() -> String,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<Self, Error> {
        let failed = |_: Unspecified| Error::Device {
            backend: backend(),
            operation: "generate",
            reason: "the cryptographic library refused".to_owned(),
            disposition: Disposition::Retry,
        };
        let pair = match algorithm {
            KeyAlgorithm::Ed25519 => Ed25519KeyPair::generate().map(Pair::Ed25519),
            KeyAlgorithm::Rsa { bits } => match key_size(bits) {
                Some(size) => RsaKeyPair::generate(size).map(Pair::Rsa),
                None => {
                    return Err(Error::KeyAlgorithmUnsupported {
                        backend: backend(),
                        algorithm,
                    });
                }
            },
            KeyAlgorithm::P256 | KeyAlgorithm::P384 | KeyAlgorithm::P521 => {
                match ecdsa(algorithm) {
                    Some((curve, _)) => EcdsaKeyPair::generate(curve).map(Pair::Ecdsa),
                    None => {
                        return Err(Error::KeyAlgorithmUnsupported {
                            backend: backend(),
                            algorithm,
                        });
                    }
                }
            }
        }
        .map_err(failed)?;
        let spki = pair.spki().map_err(failed)?;
        Ok(Self {
            info: KeyInfo {
                label: label.clone(),
                role,
                algorithm,
                spki,
            },
            pair,
        })
    }

    /// Reads a stored pair. The library checks that public and private halves belong together.
    pub(super) fn from_pkcs8(
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
        pkcs8: &[u8],
    ) -> Result<Self, Error> {
        let damaged = |reason| Error::Damaged {
            label: label.clone(),
            reason,
        };
        let unreadable = || damaged("the private key does not fit its algorithm");
        let pair = match algorithm {
            KeyAlgorithm::Ed25519 => {
                Pair::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| unreadable())?)
            }
            KeyAlgorithm::Rsa { bits } => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| unreadable())?;
                if u32::try_from(pair.public_modulus_len() * 8).ok() != Some(bits) {
                    return Err(damaged("the modulus has another size"));
                }
                Pair::Rsa(pair)
            }
            KeyAlgorithm::P256 | KeyAlgorithm::P384 | KeyAlgorithm::P521 => {
                let (curve, _) = ecdsa(algorithm).ok_or_else(unreadable)?;
                Pair::Ecdsa(EcdsaKeyPair::from_pkcs8(curve, pkcs8).map_err(|_| unreadable())?)
            }
        };
        let spki = pair.spki().map_err(|_| unreadable())?;
        Ok(Self {
            info: KeyInfo {
                label: label.clone(),
                role,
                algorithm,
                spki,
            },
            pair,
        })
    }

    /// The pair as PKCS#8, in the clear.
    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
        Ok(Zeroizing::new(match &self.pair {
            Pair::Ecdsa(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.to_pkcs8()?.as_ref().to_vec(),
            Pair::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)?.as_ref().to_vec(),
        }))
    }

    /// The key, if it has the role that is asked for.
    pub(super) fn check_role(&self, asked: KeyRole) -> Result<(), Error> {
        if self.info.role == asked {
            Ok(())
        } else {
            Err(Error::RoleMismatch {
                label: self.info.label.clone(),
                has: self.info.role,
                asked,
            })
        }
    }
}

impl SigningKey for SoftwareKey {
    fn info(&self) -> &KeyInfo {
        &self.info
    }

    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, Error> {
        if request.deadline.is_zero() {
            return Err(Error::TimedOut {
                backend: "software".to_owned(),
                operation: "sign",
                attempted: false,
            });
        }
        let unsupported = || Error::SignatureUnsupported {
            label: self.info.label.clone(),
            key: self.info.algorithm,
            signature: request.algorithm,
        };
        let random = system_random();
        let signature = match &self.pair {
            Pair::Ed25519(pair) => match request.algorithm {
                SignatureAlgorithm::Ed25519 => pair
                    .try_sign(request.message)
                    .map(|signature| signature.as_ref().to_vec()),
                _ => return Err(unsupported()),
            },
            Pair::Ecdsa(pair) => match ecdsa(self.info.algorithm) {
                Some((_, algorithm)) if algorithm == request.algorithm => pair
                    .sign(&random, request.message)
                    .map(|signature| signature.as_ref().to_vec()),
                _ => return Err(unsupported()),
            },
            Pair::Rsa(pair) => {
                let encoding = rsa(request.algorithm).ok_or_else(unsupported)?;
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, request.message, &mut signature)
                    .map(|()| signature)
            }
        };
        let octets = signature.map_err(|Unspecified| Error::Device {
            backend: "software".to_owned(),
            operation: "sign",
            reason: "the cryptographic library refused".to_owned(),
            disposition: Disposition::Stop,
        })?;
        Ok(Signature {
            octets,
            device: DeviceName::software(),
        })
    }
}

/// Public facts only.
impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareKey")
            .field("label", &self.info.label)
            .field("role", &self.info.role)
            .field("algorithm", &self.info.algorithm)
            .finish_non_exhaustive()
    }
}

impl Pair {
    fn spki(&self) -> Result<Vec<u8>, Unspecified> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Ecdsa(pair) => pair.public_key().as_der()?,
            Self::Ed25519(pair) => pair.public_key().as_der()?,
            Self::Rsa(pair) => pair.public_key().as_der()?,
        };
        Ok(der.as_ref().to_vec())
    }
}

/// The curve of a key and the one signature that it makes: the library ties them together.
fn ecdsa(algorithm: KeyAlgorithm) -> Option<(&'static EcdsaSigningAlgorithm, SignatureAlgorithm)> {
    match algorithm {
        KeyAlgorithm::P256 => Some((
            &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
            SignatureAlgorithm::EcdsaSha256,
        )),
        KeyAlgorithm::P384 => Some((
            &signature::ECDSA_P384_SHA384_ASN1_SIGNING,
            SignatureAlgorithm::EcdsaSha384,
        )),
        _ => None,
    }
}

fn rsa(algorithm: SignatureAlgorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha256 => Some(&signature::RSA_PKCS1_SHA256),
        SignatureAlgorithm::RsaPkcs1Sha384 => Some(&signature::RSA_PKCS1_SHA384),
        SignatureAlgorithm::RsaPkcs1Sha512 => Some(&signature::RSA_PKCS1_SHA512),
        _ => None,
    }
}

const fn key_size(bits: u32) -> Option<KeySize> {
    match bits {
        2048 => Some(KeySize::Rsa2048),
        3072 => Some(KeySize::Rsa3072),
        4096 => Some(KeySize::Rsa4096),
        _ => None,
    }
}
