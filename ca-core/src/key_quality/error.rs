//! Why a public key is refused.

use const_oid::ObjectIdentifier;

use super::curve_name;

/// Why a public key is refused, one variant per reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a DER `SubjectPublicKeyInfo`, or the key inside has another form than its algorithm.
    #[error("public key is malformed: {0}")]
    Malformed(#[from] der::Error),
    /// The bit string does not end on an octet.
    #[error("public key is malformed: its bit string has unused bits")]
    UnusedBits,
    /// An algorithm that no profile issues.
    #[error("public key algorithm {oid} is not supported: use P-384, P-256 or RSA")]
    AlgorithmUnsupported {
        /// The algorithm.
        oid: ObjectIdentifier,
    },
    /// Ed25519 is for the ledger only.
    #[error("Ed25519 keys are not certified: terminals cannot use them; use P-384 or P-256")]
    Ed25519,
    /// `rsaEncryption` without its NULL.
    #[error("RSA key: algorithm parameters must be NULL (RFC 3279 section 2.3.1)")]
    RsaParameters,
    /// Fewer than 2,048 bits.
    #[error("RSA key: {bits} bits are too few, use 2048, 3072 or 4096")]
    RsaTooShort {
        /// Bits of the modulus.
        bits: usize,
    },
    /// More than 4,096 bits.
    #[error("RSA key: {bits} bits are too many, use 2048, 3072 or 4096")]
    RsaTooLong {
        /// Bits of the modulus.
        bits: usize,
    },
    /// A size between the allowed ones.
    #[error("RSA key: {bits} bits are an unusual size, use 2048, 3072 or 4096")]
    RsaSizeUnsupported {
        /// Bits of the modulus.
        bits: usize,
    },
    /// No inverse exists: nobody can hold the private key.
    #[error("RSA key: the public exponent is even, use 65537")]
    RsaExponentEven,
    /// Signatures would be the message itself.
    #[error("RSA key: the public exponent is 1, use 65537")]
    RsaExponentOne,
    /// Too small for careless verifiers.
    #[error("RSA key: the public exponent is 3, use 65537")]
    RsaExponentThree,
    /// Any other exponent.
    #[error("RSA key: the public exponent is not 65537")]
    RsaExponentUnsupported,
    /// Divisible by two.
    #[error("RSA key: the modulus is even")]
    RsaModulusEven,
    /// Divisible by a small prime.
    #[error("RSA key: the modulus is divisible by {factor}")]
    RsaSmallFactor {
        /// The smallest factor found.
        factor: u32,
    },
    /// Made by a chip with CVE-2017-15361.
    #[error("RSA key: it comes from a faulty generator (CVE-2017-15361, ROCA): use another device")]
    Roca,
    /// The primes are so close that Fermat's method finds them.
    #[error("RSA key: its primes are too close to each other")]
    ClosePrimes,
    /// `id-ecPublicKey` without a curve, or with an inherited one.
    #[error("EC key: it names no curve, use P-384 or P-256")]
    CurveMissing,
    /// Curve parameters written out (RFC 5480 §2.1.1: MUST NOT).
    #[error("EC key: explicit curve parameters are refused, name the curve P-384 or P-256")]
    CurveExplicit,
    /// Another curve.
    #[error("EC key: curve {} is not supported, use P-384 or P-256", curve_text(*.oid))]
    CurveUnsupported {
        /// The curve.
        oid: ObjectIdentifier,
    },
    /// Compressed point.
    #[error("EC key: the point is compressed, use the uncompressed form (RFC 5480 section 2.2)")]
    PointCompressed,
    /// The point at infinity.
    #[error("EC key: the point is the point at infinity")]
    PointAtInfinity,
    /// Not a point of the curve's length.
    #[error("EC key: the point has {length_bytes} bytes, {expected_bytes} are expected")]
    PointMalformed {
        /// Bytes found.
        length_bytes: usize,
        /// Bytes of an uncompressed point of the curve.
        expected_bytes: usize,
    },
    /// The coordinates do not satisfy the curve's equation.
    #[error("EC key: the point is not on the curve")]
    PointNotOnCurve,
    /// On the list of keys whose private half is known.
    #[error("public key is on the list of known weak keys: make a new one")]
    KnownWeak,
}

impl KeyError {
    /// A stable code for programs: never reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::UnusedBits => "key.malformed",
            Self::AlgorithmUnsupported { .. } => "key.algorithm-unsupported",
            Self::Ed25519 => "key.ed25519-refused",
            Self::RsaParameters => "key.rsa-parameters",
            Self::RsaTooShort { .. } => "key.rsa-too-short",
            Self::RsaTooLong { .. } => "key.rsa-too-long",
            Self::RsaSizeUnsupported { .. } => "key.rsa-size-unsupported",
            Self::RsaExponentEven => "key.rsa-exponent-even",
            Self::RsaExponentOne => "key.rsa-exponent-one",
            Self::RsaExponentThree => "key.rsa-exponent-three",
            Self::RsaExponentUnsupported => "key.rsa-exponent-unsupported",
            Self::RsaModulusEven => "key.rsa-modulus-even",
            Self::RsaSmallFactor { .. } => "key.rsa-small-factor",
            Self::Roca => "key.roca",
            Self::ClosePrimes => "key.close-primes",
            Self::CurveMissing => "key.curve-missing",
            Self::CurveExplicit => "key.curve-explicit",
            Self::CurveUnsupported { .. } => "key.curve-unsupported",
            Self::PointCompressed => "key.point-compressed",
            Self::PointAtInfinity => "key.point-at-infinity",
            Self::PointMalformed { .. } => "key.point-malformed",
            Self::PointNotOnCurve => "key.point-not-on-curve",
            Self::KnownWeak => "key.known-weak",
        }
    }
}

fn curve_text(oid: ObjectIdentifier) -> String {
    curve_name(oid).map_or_else(|| oid.to_string(), str::to_owned)
}
