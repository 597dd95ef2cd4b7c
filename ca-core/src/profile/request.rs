//! What a request for a certificate may look like.

use std::fmt;

use const_oid::ObjectIdentifier;
use kasane_verify::SignatureAlgorithm;

/// A digest under the request's own signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// An object identifier, or everything below one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OidPattern {
    /// This one.
    Exact(ObjectIdentifier),
    /// Everything below this one; in profiles `1.3.6.1.4.1.311.*`.
    Below(ObjectIdentifier),
}

/// Requested extensions that are ignored; every other one is a reason to refuse the request, and
/// none is copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoredCsrExtensions {
    pub(super) patterns: Vec<OidPattern>,
}

/// Rules for requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestRules {
    pub(super) digests: Vec<Digest>,
    pub(super) ignored: IgnoredCsrExtensions,
}

impl Digest {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "sha-256" => Some(Self::Sha256),
            "sha-384" => Some(Self::Sha384),
            "sha-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    const fn of(signature: SignatureAlgorithm) -> Option<Self> {
        match signature {
            SignatureAlgorithm::EcdsaSha256 | SignatureAlgorithm::RsaPkcs1Sha256 => {
                Some(Self::Sha256)
            }
            SignatureAlgorithm::EcdsaSha384 | SignatureAlgorithm::RsaPkcs1Sha384 => {
                Some(Self::Sha384)
            }
            SignatureAlgorithm::EcdsaSha512 | SignatureAlgorithm::RsaPkcs1Sha512 => {
                Some(Self::Sha512)
            }
            SignatureAlgorithm::Ed25519
            | SignatureAlgorithm::EcdsaSha1
            | SignatureAlgorithm::RsaPkcs1Sha1 => None,
        }
    }
}

impl OidPattern {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix(".*") {
            Some(arc) => arc.parse().ok().map(Self::Below),
            None => text.parse().ok().map(Self::Exact),
        }
    }

    fn matches(self, oid: ObjectIdentifier) -> bool {
        match self {
            Self::Exact(wanted) => wanted == oid,
            Self::Below(arc) => oid != arc && oid.starts_with(arc),
        }
    }
}

impl fmt::Display for OidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(oid) => oid.fmt(f),
            Self::Below(arc) => write!(f, "{arc}.*"),
        }
    }
}

impl IgnoredCsrExtensions {
    /// Whether a requested extension is harmless.
    #[must_use]
    pub fn matches(&self, oid: ObjectIdentifier) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(oid))
    }

    /// What is ignored.
    #[must_use]
    pub fn patterns(&self) -> &[OidPattern] {
        &self.patterns
    }
}

impl RequestRules {
    /// Digests that prove possession of the key.
    #[must_use]
    pub fn digests(&self) -> &[Digest] {
        &self.digests
    }

    /// Whether a request may be signed like this.
    #[must_use]
    pub fn accepts(&self, signature: SignatureAlgorithm) -> bool {
        Digest::of(signature).is_some_and(|digest| self.digests.contains(&digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_signed_over_sha1_are_never_accepted() {
        let rules = RequestRules {
            digests: vec![Digest::Sha256, Digest::Sha384, Digest::Sha512],
            ..RequestRules::default()
        };
        assert!(rules.accepts(SignatureAlgorithm::RsaPkcs1Sha256));
        for algorithm in SignatureAlgorithm::LEGACY {
            assert!(!rules.accepts(algorithm), "{algorithm}");
        }
    }

    #[test]
    fn arcs_match_what_is_below_them_only() {
        let pattern = OidPattern::parse("1.3.6.1.4.1.311.*").unwrap();
        let matches = |text: &str| pattern.matches(text.parse().unwrap());
        assert!(matches("1.3.6.1.4.1.311.20.2"));
        assert!(matches("1.3.6.1.4.1.311.21.7"));
        assert!(!matches("1.3.6.1.4.1.311"));
        // Shares the leading digits, not the arc.
        assert!(!matches("1.3.6.1.4.1.3111.1"));
        assert!(!matches("2.5.29.17"));
        assert!(OidPattern::parse("1.3.*.4").is_none() && OidPattern::parse("*").is_none());
    }
}
