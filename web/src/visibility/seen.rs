//! What an endpoint says of a certificate.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

/// What an endpoint says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "kebab-case")]
pub enum Seen {
    /// That it is revoked.
    Revoked {
        /// Since when.
        date: UnixTime,
    },
    /// That it is good.
    Good {
        /// When that was signed.
        produced_at: UnixTime,
        /// What a cache says of it: its age, and how long it may be kept.
        cached: Option<String>,
    },
    /// That it does not know it.
    Unknown,
    /// A CRL that does not list it.
    NotListed {
        /// When that was signed.
        this_update: UnixTime,
    },
    /// Something that a client must not believe.
    NotBelieved {
        /// A stable code.
        code: String,
        /// Why.
        reason: String,
    },
    /// Another HTTP status than 200.
    Refused {
        /// The status.
        status: u16,
    },
    /// Nothing.
    Unreachable {
        /// Why.
        reason: String,
    },
    /// Nothing yet.
    NotAsked,
}

impl Seen {
    /// Whether the revocation is seen.
    #[must_use]
    pub const fn is_revoked(&self) -> bool {
        matches!(self, Self::Revoked { .. })
    }

    /// What it says, for people.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Revoked { date } => format!("revoked since {date}"),
            Self::Good {
                produced_at,
                cached: None,
            } => format!("good, signed {produced_at}"),
            Self::Good {
                produced_at,
                cached: Some(cached),
            } => format!("good, signed {produced_at} and kept by a cache ({cached})"),
            Self::Unknown => "unknown".to_owned(),
            Self::NotListed { this_update } => format!("not listed, CRL of {this_update}"),
            Self::NotBelieved { code, reason } => format!("not to be believed: {reason} [{code}]"),
            Self::Refused { status } => format!("HTTP status {status}"),
            Self::Unreachable { reason } => format!("no answer: {reason}"),
            Self::NotAsked => "not asked yet".to_owned(),
        }
    }

    /// What people can do when it stays so.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Revoked { .. } => "",
            Self::Good {
                cached: Some(_), ..
            } => "it goes by itself when its time is over; purge the cache to end it now",
            Self::Good { cached: None, .. } => {
                "look whether that responder follows this authority, and at its log"
            }
            Self::NotListed { .. } => "'kasane crl publish' makes lists that are due; see the log",
            Self::Unknown | Self::NotBelieved { .. } => {
                "take that responder out of service until it is mended: clients do not believe it"
            }
            Self::Refused { .. } => "look at that responder's log",
            Self::Unreachable { .. } | Self::NotAsked => {
                "start it, or take it out of revocation.toml; it tells of the revocation when it is back"
            }
        }
    }
}
