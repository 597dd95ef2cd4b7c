//! The only list of algorithms: keys, signatures, their names and object identifiers.

use std::fmt;
use std::str::FromStr;

use const_oid::ObjectIdentifier;

/// Whether a key belongs to the hierarchy that ends or the one that begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyFamily {
    /// Elliptic curves: what the network moves to.
    Ecc,
    /// RSA: what ends with 2030.
    Rsa,
}

/// The algorithm and size of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAlgorithm {
    /// Ed25519 (RFC 8032), for ledger checkpoints.
    Ed25519,
    /// NIST P-256 (RFC 5480).
    P256,
    /// NIST P-384 (RFC 5480).
    P384,
    /// NIST P-521 (RFC 5480); verified, never issued.
    P521,
    /// RSA with a modulus of so many bits (RFC 8017).
    Rsa {
        /// Bits of the modulus.
        bits: u32,
    },
}

/// How a signature is made: padding, curve form and digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA with SHA-256 (RFC 5758 §3.2).
    EcdsaSha256,
    /// ECDSA with SHA-384 (RFC 5758 §3.2).
    EcdsaSha384,
    /// ECDSA with SHA-512 (RFC 5758 §3.2); verified, never issued.
    EcdsaSha512,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 4055 §5).
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384 (RFC 4055 §5).
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (RFC 4055 §5).
    RsaPkcs1Sha512,
    /// ECDSA with SHA-1 (RFC 3279 §2.2.3): known by name, so that its refusal can say what it is.
    EcdsaSha1,
    /// RSASSA-PKCS1-v1_5 with SHA-1 (RFC 3279 §2.2.1): known by name, as above.
    RsaPkcs1Sha1,
}

/// A name that no algorithm of the list has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no key algorithm: use rsa-2048, rsa-3072, rsa-4096, p-256, p-384 or ed25519")]
pub struct UnknownAlgorithm(String);

impl KeyAlgorithm {
    /// RSA with 2,048 bits.
    pub const RSA_2048: Self = Self::Rsa { bits: 2048 };
    /// RSA with 3,072 bits.
    pub const RSA_3072: Self = Self::Rsa { bits: 3072 };
    /// RSA with 4,096 bits.
    pub const RSA_4096: Self = Self::Rsa { bits: 4096 };

    /// The hierarchy the key belongs to.
    #[must_use]
    pub const fn family(self) -> KeyFamily {
        match self {
            Self::Rsa { .. } => KeyFamily::Rsa,
            Self::Ed25519 | Self::P256 | Self::P384 | Self::P521 => KeyFamily::Ecc,
        }
    }

    /// What a CA of ours signs with when it holds such a key. RSA always takes SHA-256, the one
    /// digest that every key backend offers with RSA.
    #[must_use]
    pub const fn default_signature(self) -> SignatureAlgorithm {
        match self {
            Self::Ed25519 => SignatureAlgorithm::Ed25519,
            Self::P256 => SignatureAlgorithm::EcdsaSha256,
            Self::P384 => SignatureAlgorithm::EcdsaSha384,
            Self::P521 => SignatureAlgorithm::EcdsaSha512,
            Self::Rsa { .. } => SignatureAlgorithm::RsaPkcs1Sha256,
        }
    }
}

impl SignatureAlgorithm {
    /// Every signature algorithm that a policy may allow. Those over SHA-1 are not among them.
    pub const ALL: [Self; 7] = [
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::Ed25519,
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
    ];

    /// Signatures over SHA-1, which prove nothing since collisions are made at will. No policy can
    /// allow them, no key backend makes them, and a crypto provider refuses them unless it was made
    /// by a constructor that says `dangerously`.
    pub const LEGACY: [Self; 2] = [Self::EcdsaSha1, Self::RsaPkcs1Sha1];

    /// Whether it is one of [`Self::LEGACY`].
    #[must_use]
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::EcdsaSha1 | Self::RsaPkcs1Sha1)
    }

    /// The object identifier in an `AlgorithmIdentifier`.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        use const_oid::db::{rfc5912, rfc8410};
        match self {
            Self::EcdsaSha1 => ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"),
            Self::RsaPkcs1Sha1 => rfc5912::SHA_1_WITH_RSA_ENCRYPTION,
            Self::EcdsaSha256 => rfc5912::ECDSA_WITH_SHA_256,
            Self::EcdsaSha384 => rfc5912::ECDSA_WITH_SHA_384,
            Self::EcdsaSha512 => rfc5912::ECDSA_WITH_SHA_512,
            Self::Ed25519 => rfc8410::ID_ED_25519,
            Self::RsaPkcs1Sha256 => rfc5912::SHA_256_WITH_RSA_ENCRYPTION,
            Self::RsaPkcs1Sha384 => rfc5912::SHA_384_WITH_RSA_ENCRYPTION,
            Self::RsaPkcs1Sha512 => rfc5912::SHA_512_WITH_RSA_ENCRYPTION,
        }
    }

    /// The algorithm that `oid` stands for, if it is one of [`Self::ALL`].
    #[must_use]
    pub fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.oid() == oid)
    }

    /// As [`Self::from_oid`], [`Self::LEGACY`] included: what a signature that came from outside
    /// claims to be.
    #[must_use]
    pub fn known(oid: ObjectIdentifier) -> Option<Self> {
        Self::from_oid(oid).or_else(|| {
            Self::LEGACY
                .into_iter()
                .find(|algorithm| algorithm.oid() == oid)
        })
    }

    /// The family of key that makes such a signature.
    #[must_use]
    pub const fn family(self) -> KeyFamily {
        match self {
            Self::RsaPkcs1Sha1
            | Self::RsaPkcs1Sha256
            | Self::RsaPkcs1Sha384
            | Self::RsaPkcs1Sha512 => KeyFamily::Rsa,
            Self::EcdsaSha1
            | Self::EcdsaSha256
            | Self::EcdsaSha384
            | Self::EcdsaSha512
            | Self::Ed25519 => KeyFamily::Ecc,
        }
    }

    /// Whether the identifier is written with a NULL parameter: RSA must (RFC 4055 §5), the others
    /// must not (RFC 5758 §3.2, RFC 8410 §3).
    #[must_use]
    pub const fn has_null_parameter(self) -> bool {
        matches!(self.family(), KeyFamily::Rsa)
    }
}

impl fmt::Display for KeyFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ecc => "ecc",
            Self::Rsa => "rsa",
        })
    }
}

/// `p-384`, `rsa-2048`, …: the names that profiles, the command line and the ledger use.
impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ed25519 => f.write_str("ed25519"),
            Self::P256 => f.write_str("p-256"),
            Self::P384 => f.write_str("p-384"),
            Self::P521 => f.write_str("p-521"),
            Self::Rsa { bits } => write!(f, "rsa-{bits}"),
        }
    }
}

impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "ed25519" => Ok(Self::Ed25519),
            "p-256" => Ok(Self::P256),
            "p-384" => Ok(Self::P384),
            "p-521" => Ok(Self::P521),
            _ => name
                .strip_prefix("rsa-")
                .and_then(|bits| bits.parse().ok())
                .filter(|bits| (512..=16_384).contains(bits))
                .map(|bits| Self::Rsa { bits })
                .ok_or_else(|| UnknownAlgorithm(name.chars().take(32).collect())),
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EcdsaSha1 => "ecdsa-sha1",
            Self::EcdsaSha256 => "ecdsa-sha256",
            Self::EcdsaSha384 => "ecdsa-sha384",
            Self::EcdsaSha512 => "ecdsa-sha512",
            Self::Ed25519 => "ed25519",
            Self::RsaPkcs1Sha1 => "rsa-pkcs1-sha1",
            Self::RsaPkcs1Sha256 => "rsa-pkcs1-sha256",
            Self::RsaPkcs1Sha384 => "rsa-pkcs1-sha384",
            Self::RsaPkcs1Sha512 => "rsa-pkcs1-sha512",
        })
    }
}

impl serde::Serialize for KeyAlgorithm {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for KeyAlgorithm {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for algorithm in [
            KeyAlgorithm::Ed25519,
            KeyAlgorithm::P256,
            KeyAlgorithm::P384,
            KeyAlgorithm::RSA_2048,
            KeyAlgorithm::RSA_4096,
        ] {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        assert!("rsa-12".parse::<KeyAlgorithm>().is_err());
    }

    #[test]
    fn object_identifiers_are_distinct_and_read_back() {
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(
                SignatureAlgorithm::from_oid(algorithm.oid()),
                Some(algorithm)
            );
            assert_eq!(SignatureAlgorithm::known(algorithm.oid()), Some(algorithm));
            assert!(!algorithm.is_legacy());
        }
    }

    #[test]
    fn sha1_is_known_by_name_and_among_the_legacy_only() {
        for algorithm in SignatureAlgorithm::LEGACY {
            assert!(algorithm.is_legacy());
            assert_eq!(SignatureAlgorithm::known(algorithm.oid()), Some(algorithm));
            assert_eq!(SignatureAlgorithm::from_oid(algorithm.oid()), None);
            assert!(!SignatureAlgorithm::ALL.contains(&algorithm));
        }
    }
}
