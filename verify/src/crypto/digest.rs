//! Digests and their names.

use std::fmt;

use const_oid::ObjectIdentifier;

/// Digests that identifiers are made with; none of them protects a signature by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// SHA-1, for `CertID` (RFC 6960 §4.1.1) and old key identifiers only.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    /// Every digest.
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The object identifier in an `AlgorithmIdentifier`.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        use const_oid::db::rfc5912;
        match self {
            Self::Sha1 => rfc5912::ID_SHA_1,
            Self::Sha256 => rfc5912::ID_SHA_256,
            Self::Sha384 => rfc5912::ID_SHA_384,
            Self::Sha512 => rfc5912::ID_SHA_512,
        }
    }

    /// The digest that `oid` stands for.
    #[must_use]
    pub fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|digest| digest.oid() == oid)
    }

    /// Octets of the digest.
    #[must_use]
    pub const fn length_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// A digest of 20, 32, 48 or 64 octets, kept without allocation.
///
/// A provider makes it of an array: `Digest::from([0; 32])`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    /// Those beyond the length are zero.
    octets: [u8; 64],
    length_bytes: u8,
}

impl Digest {
    fn of<const N: usize>(digest: [u8; N], length_bytes: u8) -> Self {
        let mut octets = [0; 64];
        for (to, from) in octets.iter_mut().zip(digest) {
            *to = from;
        }
        Self {
            octets,
            length_bytes,
        }
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.octets
            .get(..self.length_bytes.into())
            .unwrap_or(&self.octets)
    }
}

macro_rules! of_array {
    ($($length:literal)*) => {
        $(impl From<[u8; $length]> for Digest {
            fn from(octets: [u8; $length]) -> Self {
                Self::of(octets, $length)
            }
        })*
    };
}

of_array!(20 32 48 64);

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq<[u8]> for Digest {
    fn eq(&self, other: &[u8]) -> bool {
        self.as_bytes() == other
    }
}

impl PartialEq<&[u8]> for Digest {
    fn eq(&self, other: &&[u8]) -> bool {
        self.as_bytes() == *other
    }
}

impl From<Digest> for Box<[u8]> {
    fn from(digest: Digest) -> Self {
        digest.as_bytes().into()
    }
}

/// Hexadecimal digits.
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}
