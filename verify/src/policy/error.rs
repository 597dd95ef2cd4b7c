//! Why a policy document is refused.

use super::{Act, Class};
use crate::{KeyAlgorithm, UnixTime};

/// A refused policy document: where, and which rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy refused at {key}: {fault}")]
pub struct TimelineError {
    /// The place in the document, such as `rules.rsa-break-glass.max_days`.
    pub key: String,
    /// What is wrong there.
    pub fault: TimelineFault,
}

/// What can be wrong with a policy document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineFault {
    /// No TOML, or fields of the wrong name or type.
    #[error("the text is not a policy: {message}")]
    Syntax {
        /// The parser's words.
        message: String,
    },
    /// A format of another program.
    #[error("schema {found} is unknown: this program reads schema 1")]
    Schema {
        /// What the document says.
        found: u32,
    },
    /// More than a reader should have to work through.
    #[error("{count} is more than the {limit} allowed here")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A name with characters or a length that names do not have.
    #[error("{name:?} is no name: use 1 to 64 of a-z, 0-9 and -")]
    Name {
        /// The name, shortened.
        name: String,
    },
    /// A name used twice, or one that the program keeps for itself.
    #[error("{name:?} is already taken: give each phase and rule a name of its own")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A date that `[dates]` does not have.
    #[error("{name:?} is not in [dates]: add it there or correct the name")]
    UnknownDate {
        /// The name, shortened.
        name: String,
    },
    /// A key or signature selector that selects nothing known.
    #[error("{text:?} selects no key or signature: use ecc, rsa, rsa>=2048, rsa<3072 or a name")]
    Selector {
        /// The selector, shortened.
        text: String,
    },
    /// A list or a text that must not be empty.
    #[error("this is empty: a rule binds something and says why")]
    Empty,
    /// Phases that do not follow one another.
    #[error("{from} does not follow {previous}: phases are listed in order, each after the last")]
    OutOfOrder {
        /// When this phase begins.
        from: UnixTime,
        /// When the one before it begins.
        previous: UnixTime,
    },
    /// Fields that do not go with the rule's effect or act.
    #[error("{field} does not fit: {why}")]
    Combination {
        /// The field.
        field: &'static str,
        /// What it goes with.
        why: &'static str,
    },
    /// A number outside its bounds.
    #[error("{value} is out of bounds: {why}")]
    OutOfBounds {
        /// What the document says.
        value: u64,
        /// The bounds and their source.
        why: &'static str,
    },
    /// Two rules of one date answer the same question.
    #[error(
        "rule {other:?} begins on the same date and binds {class} {act} {subject} too: one must decide"
    )]
    Ambiguous {
        /// The other rule.
        other: String,
        /// Class that both bind.
        class: Class,
        /// Act that both bind.
        act: Act,
        /// Key or signature that both bind.
        subject: String,
    },
    /// A class that may be issued while verifiers refuse it.
    #[error(
        "{class} {algorithm} may be issued at {at} but is not accepted then: accept before you issue"
    )]
    NoVerifier {
        /// The class.
        class: Class,
        /// Its key.
        algorithm: KeyAlgorithm,
        /// The first such instant.
        at: UnixTime,
    },
    /// End entities whose acceptance ends, without a cap on their validity.
    #[error(
        "{class} {algorithm} is refused from {refused_from} but nothing caps its validity before: add a cap rule"
    )]
    NoCap {
        /// The class.
        class: Class,
        /// Its key.
        algorithm: KeyAlgorithm,
        /// When acceptance ends.
        refused_from: UnixTime,
    },
    /// A cap later than the end of acceptance.
    #[error(
        "{class} {algorithm} may last until {cap} but is refused from {refused_from}: nothing valid may be refused"
    )]
    CapAfterAcceptance {
        /// The class.
        class: Class,
        /// Its key.
        algorithm: KeyAlgorithm,
        /// The cap.
        cap: UnixTime,
        /// When acceptance ends.
        refused_from: UnixTime,
    },
    /// A leaf that may outlive every CA of its family.
    #[error(
        "{class} {algorithm} may last until {leaf_end} but its CA ends at {ca_end}: no leaf outlives its issuer"
    )]
    OutlivesIssuer {
        /// The class.
        class: Class,
        /// Its key.
        algorithm: KeyAlgorithm,
        /// The leaf's last second.
        leaf_end: UnixTime,
        /// The CA's last second.
        ca_end: UnixTime,
    },
    /// The status of living certificates can no longer be signed or checked.
    #[error(
        "status of {class} {algorithm} ends by {at} while such certificates may still be valid: status lives until the last expiry"
    )]
    StatusEnds {
        /// The class left without status.
        class: Class,
        /// Its key.
        algorithm: KeyAlgorithm,
        /// The first instant without status.
        at: UnixTime,
    },
}

impl TimelineError {
    pub(super) fn new(key: impl Into<String>, fault: TimelineFault) -> Self {
        Self {
            key: key.into(),
            fault,
        }
    }

    /// A stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.fault {
            TimelineFault::Syntax { .. } => "policy.syntax",
            TimelineFault::Schema { .. } => "policy.schema",
            TimelineFault::TooMany { .. } => "policy.too_many",
            TimelineFault::Name { .. } => "policy.name",
            TimelineFault::Duplicate { .. } => "policy.duplicate",
            TimelineFault::UnknownDate { .. } => "policy.unknown_date",
            TimelineFault::Selector { .. } => "policy.selector",
            TimelineFault::Empty => "policy.empty",
            TimelineFault::OutOfOrder { .. } => "policy.out_of_order",
            TimelineFault::Combination { .. } => "policy.combination",
            TimelineFault::OutOfBounds { .. } => "policy.out_of_bounds",
            TimelineFault::Ambiguous { .. } => "policy.ambiguous",
            TimelineFault::NoVerifier { .. } => "policy.no_verifier",
            TimelineFault::NoCap { .. } => "policy.no_cap",
            TimelineFault::CapAfterAcceptance { .. } => "policy.cap_after_acceptance",
            TimelineFault::OutlivesIssuer { .. } => "policy.outlives_issuer",
            TimelineFault::StatusEnds { .. } => "policy.status_ends",
        }
    }
}
