//! The way to the authority.

use std::time::Duration;

use super::Page;

/// What a follower asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// It has the entries below this one.
    pub from: u64,
    /// Size of the newest checkpoint that it has checked.
    pub checkpoint: u64,
    /// Only entries that a checkpoint covers: it holds enough that none does.
    pub covered_only: bool,
    /// How long the authority may wait for something new before it answers that there is nothing.
    pub wait: Duration,
}

/// A signer's certificate to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerRequest {
    /// The issuer it will answer for.
    pub issuer: String,
    /// The label of its key, here.
    pub key_label: String,
    /// Seconds from thisUpdate to nextUpdate of its responses.
    pub window_seconds: i64,
    /// PKCS#10 request, DER.
    pub request: Vec<u8>,
}

/// The authenticated way to an authority. Calls block, each for a bounded time.
pub trait Feed: Send + Sync {
    /// The next page.
    ///
    /// # Errors
    /// [`FeedError`].
    fn page(&self, ask: &Ask) -> Result<Page, FeedError>;

    /// Asks for a signer's certificate; returns it, DER, once it is in the ledger.
    ///
    /// # Errors
    /// [`FeedError`].
    fn order_signer(&self, request: &SignerRequest) -> Result<Vec<u8>, FeedError>;

    /// Tells how many responses each key signed since the last time.
    ///
    /// # Errors
    /// [`FeedError`]: they are told again.
    fn count_signatures(&self, counts: &[(String, u64)]) -> Result<(), FeedError>;
}

/// Why the authority gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// No answer.
    #[error("the authority's feed is not reached: {reason}")]
    Unreachable {
        /// Why.
        reason: String,
    },
    /// The one that answers has another key than the enrolment names.
    #[error(
        "who answers at the feed's address has another key than the enrolment says: nothing is sent \
         there; enrol anew if the authority's feed key was replaced"
    )]
    WrongPeer,
    /// An answer that makes no sense.
    #[error("the feed's answer cannot be read: {what}")]
    Malformed {
        /// What does not fit.
        what: String,
    },
    /// The token is not known.
    #[error("the feed does not know this responder's token: enrol it anew")]
    NotKnown,
    /// This edge was removed.
    #[error("this responder was removed at the authority: it answers nothing any more")]
    Removed,
    /// The authority has fewer entries than this edge was given.
    #[error("the authority has {size} entries only")]
    Behind {
        /// How many.
        size: u64,
    },
    /// It refuses.
    #[error("the authority refuses: {message} ({code})")]
    Refused {
        /// A stable code.
        code: String,
        /// For people.
        message: String,
    },
}

impl FeedError {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "feed.unreachable",
            Self::WrongPeer => "feed.wrong-peer",
            Self::Malformed { .. } => "feed.malformed",
            Self::NotKnown => "feed.not-known",
            Self::Removed => "feed.removed",
            Self::Behind { .. } => "feed.behind",
            Self::Refused { .. } => "feed.refused",
        }
    }
}
