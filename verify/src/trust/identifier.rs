//! Names of things: officer sets, officers' keys, networks.

use std::fmt;
use std::str::FromStr;

use super::TrustError;
use crate::crypto::{CryptoProvider, DigestAlgorithm};

/// SHA-256 of an officer set or of a statement, printed in groups of four hexadecimal digits: what a
/// letter says and what people compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

/// SHA-256 of an officer's `SubjectPublicKeyInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 32]);

/// The network that documents are for: 1 to 64 of `a-z`, `0-9`, `.`, `-` and `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainId(String);

impl Fingerprint {
    /// From its octets.
    #[must_use]
    pub const fn from_bytes(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// The octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits without separators.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// The digest of `context`, a zero octet, and `data`.
    pub(super) fn of(context: &[u8], data: &[u8], crypto: &dyn CryptoProvider) -> Self {
        Self(sha256(&separated(context, data), crypto))
    }
}

impl KeyId {
    /// Of a key (DER of the SPKI).
    #[must_use]
    pub fn of(spki: &[u8], crypto: &dyn CryptoProvider) -> Self {
        Self(sha256(spki, crypto))
    }

    /// From its octets.
    #[must_use]
    pub const fn from_bytes(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// The octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl DomainId {
    /// # Errors
    /// [`TrustError::Field`] when a character or the length does not fit.
    pub fn new(text: impl Into<String>) -> Result<Self, TrustError> {
        let text = text.into();
        let fits = |octet: u8| {
            octet.is_ascii_lowercase() || octet.is_ascii_digit() || b".-/".contains(&octet)
        };
        if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text))
        } else {
            Err(TrustError::Field {
                field: "domain",
                why: "use 1 to 64 of a-z, 0-9, '.', '-' and '/'",
            })
        }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is hashed or signed in one context can never be taken for something of another.
pub(super) fn separated(context: &[u8], data: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(context.len() + 1 + data.len());
    message.extend_from_slice(context);
    message.push(0);
    message.extend_from_slice(data);
    message
}

fn sha256(data: &[u8], crypto: &dyn CryptoProvider) -> [u8; 32] {
    let digest = crypto.digest(DigestAlgorithm::Sha256, data);
    let digest: &[u8] = digest.as_ref();
    // The provider's contract says 32 octets.
    digest.try_into().unwrap_or([0; 32])
}

/// `8f3a 01c2 …`: sixteen groups.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pair) in self.0.chunks(2).enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            for octet in pair {
                write!(f, "{octet:02x}")?;
            }
        }
        Ok(())
    }
}

/// 64 hexadecimal digits; spaces, line ends, colons and hyphens between them are passed over.
impl FromStr for Fingerprint {
    type Err = TrustError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || TrustError::Field {
            field: "fingerprint",
            why: "use 64 hexadecimal digits; groups may be parted by spaces, ':' or '-'",
        };
        if text.len() > 256 {
            return Err(bad());
        }
        let mut octets = [0_u8; 32];
        let mut digits = 0_usize;
        for character in text.chars() {
            if character.is_ascii_whitespace() || matches!(character, ':' | '-' | '\u{3000}') {
                continue;
            }
            let digit = character.to_digit(16).ok_or_else(bad)?;
            let octet = octets.get_mut(digits / 2).ok_or_else(bad)?;
            *octet = (*octet << 4) | u8::try_from(digit).map_err(|_| bad())?;
            digits += 1;
        }
        if digits == 64 {
            Ok(Self(octets))
        } else {
            Err(bad())
        }
    }
}

/// Lower-case hexadecimal without separators.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Display for DomainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DomainId {
    type Err = TrustError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

/// Refuses text that is empty, longer than `limit_bytes`, or would not be seen as it is written.
pub(super) fn check_text(
    field: &'static str,
    text: &str,
    limit_bytes: usize,
) -> Result<(), TrustError> {
    // Control characters move a terminal's cursor; the marks of UAX #9 change the order of letters.
    let hides = |it: char| {
        it.is_control()
            || matches!(it, '\u{200e}' | '\u{200f}' | '\u{061c}')
            || ('\u{2028}'..='\u{202e}').contains(&it)
            || ('\u{2066}'..='\u{2069}').contains(&it)
    };
    if !text.is_empty() && text.len() <= limit_bytes && !text.chars().any(hides) {
        Ok(())
    } else {
        Err(TrustError::Field {
            field,
            why: "it is empty, too long, or has control characters",
        })
    }
}
