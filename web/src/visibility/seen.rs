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
    /// That it is revoked, or anything else, by somebody who should not answer there: a client may
    /// believe it, and it says nothing of the responder that was asked.
    WrongSigner {
        /// A stable code.
        code: String,
        /// Whose answer it is.
        reason: String,
    },
    /// By its word it has every entry that tells of the revocation, and what it holds counts at once.
    Followed {
        /// It has the entries below this one.
        entries: u64,
    },
    /// By its word it has not every entry that tells of the revocation.
    Behind {
        /// It had the entries below this one.
        entries: u64,
        /// When it last asked for more.
        heard: UnixTime,
    },
    /// It did not ask for entries since the service began.
    NotHeard,
    /// No signer of it has not expired: no client believes anything that it says.
    NoSigner,
    /// It was removed while it was waited for.
    Removed,
    /// The authority cannot be asked what it heard of it.
    NotKnown {
        /// Why.
        reason: String,
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
    pub const fn tells(&self) -> bool {
        matches!(self, Self::Revoked { .. } | Self::Followed { .. })
    }

    /// Whether it should tell and did not.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        !self.tells() && !matches!(self, Self::NoSigner | Self::Removed)
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
            Self::WrongSigner { code, reason } => format!("another's answer: {reason} [{code}]"),
            Self::Followed { entries } => format!("follows, has {entries} entries"),
            Self::Behind { entries, heard } => {
                format!("has only {entries} entries, last heard of {heard}")
            }
            Self::NotHeard => "not heard of since the service began".to_owned(),
            Self::NoSigner => "has no signer: no client believes it".to_owned(),
            Self::Removed => "was removed meanwhile".to_owned(),
            Self::NotKnown { reason } => format!("not known: {reason}"),
            Self::Refused { status } => format!("HTTP status {status}"),
            Self::Unreachable { reason } => format!("no answer: {reason}"),
            Self::NotAsked => "not asked yet".to_owned(),
        }
    }

    /// What people can do when it stays so.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Revoked { .. } | Self::Followed { .. } | Self::NoSigner | Self::Removed => "",
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
            Self::WrongSigner { .. } => {
                "correct the address, or take the one that answers there out of service"
            }
            Self::Behind { .. } | Self::NotHeard => {
                "start it and look at its log; 'kasane responder remove' ends one that is gone for good"
            }
            Self::NotKnown { .. } => {
                "start 'kasane serve' with --feed: edges hear of it from there"
            }
            Self::Refused {
                status: 300..=399, ..
            } => "not every client follows a redirection: give the address that answers itself",
            Self::Refused { .. } => "look at that responder's log",
            Self::Unreachable { .. } | Self::NotAsked => {
                "start it, or take it out of revocation.toml; it tells of the revocation when it is back"
            }
        }
    }
}

/// What others sent, as it may go to a terminal.
pub(super) fn plain(text: &str) -> String {
    let shown = text.chars().filter(|c| !c.is_control());
    shown.take(MOST_SHOWN).collect()
}

/// Characters of what others sent that are shown.
const MOST_SHOWN: usize = 400;
