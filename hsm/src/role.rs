//! What a key may be used for.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// A key has exactly one role, given at generation and checked at each use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyRole {
    /// Signs subordinate CA certificates, cross-certificates, its own certificate and its CRLs.
    RootCa,
    /// Signs end-entity and OCSP signer certificates and its CRLs.
    IssuingCa,
    /// Signs OCSP responses.
    OcspResponder,
    /// Signs ledger checkpoints.
    Ledger,
    /// A person's: signs trust documents, and nothing that a CA signs.
    Officer,
}

impl KeyRole {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::RootCa,
        Self::IssuingCa,
        Self::OcspResponder,
        Self::Ledger,
        Self::Officer,
    ];

    /// The name in configuration, ledger and key files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RootCa => "root-ca",
            Self::IssuingCa => "issuing-ca",
            Self::OcspResponder => "ocsp-responder",
            Self::Ledger => "ledger",
            Self::Officer => "officer",
        }
    }
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyRole {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == name)
            .ok_or_else(|| Error::UnknownRole {
                name: name.chars().take(32).collect(),
            })
    }
}
