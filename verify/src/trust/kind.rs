//! What a trust document is about.

use std::fmt;
use std::str::FromStr;

use super::TrustError;

/// The kind of a document. Each kind has numbers of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Who the officers are and how many of them must sign.
    Officers,
    /// The dated cryptographic policy.
    Policy,
    /// The trust anchors.
    Anchors,
    /// A declaration that revocation status may be unavailable somewhere for a while.
    Emergency,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Officers, Self::Policy, Self::Anchors, Self::Emergency];

    /// The name in messages and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Officers => "officers",
            Self::Policy => "policy",
            Self::Anchors => "anchors",
            Self::Emergency => "emergency",
        }
    }

    /// What people in Japan call it.
    #[must_use]
    pub const fn in_japanese(self) -> &'static str {
        match self {
            Self::Officers => "署名責任者名簿",
            Self::Policy => "暗号ポリシー",
            Self::Anchors => "トラストアンカー一覧",
            Self::Emergency => "緊急宣言",
        }
    }

    /// The longest time between issue and expiry, in days: officers change rarely, what they say is
    /// renewed, an emergency ends.
    #[must_use]
    pub const fn max_lifetime_days(self) -> i64 {
        match self {
            Self::Officers => 3660,
            Self::Policy | Self::Anchors => 1830,
            Self::Emergency => 90,
        }
    }

    /// The number in the encoding.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Officers => 1,
            Self::Policy => 2,
            Self::Anchors => 3,
            Self::Emergency => 4,
        }
    }

    pub(super) fn from_number(found: u8) -> Result<Self, TrustError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.number() == found)
            .ok_or(TrustError::UnknownKind { found })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = TrustError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or(TrustError::Field {
                field: "kind",
                why: "use officers, policy, anchors or emergency",
            })
    }
}
