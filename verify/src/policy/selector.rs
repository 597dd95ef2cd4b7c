//! Which keys or signatures a rule binds.

use std::fmt;

use crate::{KeyAlgorithm, KeyFamily, SignatureAlgorithm};

/// A set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeySelector {
    Ecc,
    /// Moduli of at least `from_bits` and less than `below_bits` bits.
    Rsa {
        from_bits: u32,
        below_bits: u32,
    },
    Exactly(KeyAlgorithm),
}

/// A set of signature algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignatureSelector {
    Family(KeyFamily),
    Exactly(SignatureAlgorithm),
}

/// What a rule binds beside class and act: never both kinds.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    Keys(Vec<KeySelector>),
    Signatures(Vec<SignatureSelector>),
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    Key(KeyAlgorithm),
    Signature(SignatureAlgorithm),
}

impl KeySelector {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "ecc" {
            return Some(Self::Ecc);
        }
        let Some(bounds) = text
            .strip_prefix("rsa")
            .filter(|rest| !rest.starts_with('-'))
        else {
            return text.parse().ok().map(Self::Exactly);
        };
        let (from_text, below_text) = match bounds.split_once('<') {
            Some((from, below)) => (from, Some(below)),
            None => (bounds, None),
        };
        let from_bits = match from_text.strip_prefix(">=") {
            Some(bits) => bits.parse().ok()?,
            None if from_text.is_empty() => 0,
            None => return None,
        };
        let below_bits = below_text.map_or(Some(u32::MAX), |bits| bits.parse().ok())?;
        (from_bits < below_bits).then_some(Self::Rsa {
            from_bits,
            below_bits,
        })
    }

    fn matches(self, key: KeyAlgorithm) -> bool {
        match (self, key) {
            (Self::Ecc, key) => key.family() == KeyFamily::Ecc,
            (
                Self::Rsa {
                    from_bits,
                    below_bits,
                },
                KeyAlgorithm::Rsa { bits },
            ) => (from_bits..below_bits).contains(&bits),
            (Self::Rsa { .. }, _) => false,
            (Self::Exactly(wanted), key) => wanted == key,
        }
    }

    /// Keys at which membership changes: enough to try a document out.
    pub(super) fn boundary_keys(self) -> Vec<KeyAlgorithm> {
        match self {
            Self::Ecc => Vec::new(),
            Self::Exactly(key) => vec![key],
            Self::Rsa {
                from_bits,
                below_bits,
            } => [
                from_bits.saturating_sub(1),
                from_bits,
                below_bits.saturating_sub(1),
                below_bits,
            ]
            .into_iter()
            .map(|bits| KeyAlgorithm::Rsa { bits })
            .collect(),
        }
    }
}

impl SignatureSelector {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "ecc" => Some(Self::Family(KeyFamily::Ecc)),
            "rsa" => Some(Self::Family(KeyFamily::Rsa)),
            _ => SignatureAlgorithm::ALL
                .into_iter()
                .find(|algorithm| algorithm.to_string() == text)
                .map(Self::Exactly),
        }
    }

    fn matches(self, signature: SignatureAlgorithm) -> bool {
        match self {
            // A rule over a whole family means what is safe to allow, and not SHA-1.
            Self::Family(family) => !signature.is_legacy() && signature.family() == family,
            Self::Exactly(wanted) => wanted == signature,
        }
    }
}

impl Subject {
    pub(super) fn matches(&self, asked: Asked) -> bool {
        match (self, asked) {
            (Self::Keys(selectors), Asked::Key(key)) => selectors.iter().any(|s| s.matches(key)),
            (Self::Signatures(selectors), Asked::Signature(signature)) => {
                selectors.iter().any(|s| s.matches(signature))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => key.fmt(f),
            Self::Signature(signature) => signature.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_selectors_are_read_strictly() {
        assert_eq!(
            KeySelector::parse("rsa>=2048<3072"),
            Some(KeySelector::Rsa {
                from_bits: 2048,
                below_bits: 3072
            })
        );
        for text in [
            "",
            "RSA",
            "rsa>2048",
            "rsa<",
            "rsa>=",
            "rsa>=3072<2048",
            "p-999",
            "rsa-1",
        ] {
            assert_eq!(KeySelector::parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_selector_selects_sha1() {
        for algorithm in SignatureAlgorithm::LEGACY {
            assert_eq!(SignatureSelector::parse(&algorithm.to_string()), None);
            for family in ["ecc", "rsa"] {
                assert!(!SignatureSelector::parse(family).unwrap().matches(algorithm));
            }
        }
    }

    #[test]
    fn bounds_include_the_first_and_exclude_the_last() {
        let selector = KeySelector::parse("rsa>=2048<3072").unwrap();
        let selects = |bits| selector.matches(KeyAlgorithm::Rsa { bits });
        assert!(!selects(2047) && selects(2048) && selects(3071) && !selects(3072));
        assert!(!selector.matches(KeyAlgorithm::P384));
    }
}
