//! Where the dated cryptographic policy takes part in validation.

use std::fmt;

use super::{Position, Purpose};
use crate::certificate::Certificate;
use crate::name::Name;
use crate::{KeyAlgorithm, SignatureAlgorithm, UnixTime};

/// A certificate, or an anchor, in its place in a path.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// Its place.
    pub position: Position,
    /// Its subject.
    pub subject: Name<'a>,
    /// Its key.
    pub key: KeyAlgorithm,
    /// How it is signed; none for an anchor, whose signature counts for nothing.
    pub signature: Option<SignatureAlgorithm>,
    /// The certificate; none for an anchor.
    pub certificate: Option<&'a Certificate<'a>>,
    /// What the path is for.
    pub purpose: Purpose,
    /// The instant in question.
    pub at: UnixTime,
}

/// What a policy says of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing to say.
    Accept,
    /// Accepted, and the relying party should report it.
    Warn(Notice),
    /// No path may contain it here and now.
    Refuse(Notice),
}

/// A policy's reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Stable code of the rule.
    pub code: String,
    /// The rule and its date, in English.
    pub text: String,
    /// The same in Japanese.
    pub text_ja: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.text, self.code)
    }
}

/// Judges each certificate of a path, and its anchor. Asked at most once for each in a question, so
/// the answer may depend on the link alone.
pub trait PathPolicy: fmt::Debug + Send + Sync {
    /// Whether `link` may be used.
    fn judge(&self, link: &Link<'_>) -> Verdict;

    /// The name of the policy's phase at an instant, for reports.
    fn phase(&self, _at: UnixTime) -> Option<String> {
        None
    }
}

/// RFC 5280 alone, without dates.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcceptAll;

impl PathPolicy for AcceptAll {
    fn judge(&self, _: &Link<'_>) -> Verdict {
        Verdict::Accept
    }
}
