//! Why a profile is refused.

use kasane_verify::{KeyAlgorithm, UnixTime};

use super::ProfileKind;

/// A refused profile: file, key, and the rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("profile {file} refused at {key}: {fault}")]
pub struct ProfileError {
    /// The file's name.
    pub file: String,
    /// The place in it, such as `key_usage.ecc`.
    pub key: String,
    /// What is wrong there.
    pub fault: ProfileFault,
}

/// What can be wrong with a profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileFault {
    /// No TOML, or fields of the wrong name or type.
    #[error("the text is not a profile: {message}")]
    Syntax {
        /// The parser's words.
        message: String,
    },
    /// The file cannot be read.
    #[error("the file cannot be read: {message}")]
    Unreadable {
        /// The system's words.
        message: String,
    },
    /// The file's name and the profile's differ, or the name is none.
    #[error("{name:?} does not name this profile: use the file's name, of a-z, 0-9 and -")]
    Name {
        /// The name, shortened.
        name: String,
    },
    /// Two files of one name.
    #[error("{name:?} is already taken: one file per profile")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A file that must be there is not.
    #[error("it is missing: add the file")]
    Missing,
    /// More than a reader should have to work through.
    #[error("{count} is more than the {limit} allowed here")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A list or text that must not be empty.
    #[error("this is empty: {rule}")]
    Empty {
        /// The rule.
        rule: &'static str,
    },
    /// A word that is none of the known ones.
    #[error("{text:?} is unknown: use one of {known}")]
    Unknown {
        /// The word, shortened.
        text: String,
        /// The known ones.
        known: &'static str,
    },
    /// A text that is no object identifier.
    #[error("{text:?} is no object identifier: write it like 1.3.6.1.4.1.311.21.7")]
    Oid {
        /// The text, shortened.
        text: String,
    },
    /// A field that this kind of certificate does not have, or must have.
    #[error("{kind} and this do not go together: {rule}")]
    Kind {
        /// The kind.
        kind: ProfileKind,
        /// The rule and its source.
        rule: &'static str,
    },
    /// A key usage that the key or the kind must not have, or lacks.
    #[error("key usage {usage} for {family} keys: {rule}")]
    KeyUsage {
        /// The usage.
        usage: &'static str,
        /// The keys' family.
        family: &'static str,
        /// The rule and its source.
        rule: &'static str,
    },
    /// A purpose that the kind must not have, or lacks.
    #[error("purpose {purpose}: {rule}")]
    Purpose {
        /// The purpose.
        purpose: &'static str,
        /// The rule and its source.
        rule: &'static str,
    },
    /// An extension that breaks its rule.
    #[error("extension {extension}: {rule}")]
    Extension {
        /// The extension.
        extension: &'static str,
        /// The rule and its source.
        rule: &'static str,
    },
    /// One extension twice.
    #[error("extension {extension} appears twice: RFC 5280 §4.2 allows one of each")]
    DuplicateExtension {
        /// The extension.
        extension: &'static str,
    },
    /// A number or a set of fields out of bounds.
    #[error("validity is wrong: {rule}")]
    Validity {
        /// The rule.
        rule: &'static str,
    },
    /// RSA subscribers whose validity nothing bounds.
    #[error(
        "RSA without a cap: RSA end entities end with a date of the policy, so name it as `cap`"
    )]
    NoCap,
    /// A date that the policy does not have.
    #[error("{name:?} is no date of the policy: add it to [dates] or correct the name")]
    UnknownDate {
        /// The name.
        name: String,
    },
    /// A policy identifier that two profiles or algorithms share.
    #[error("policy {oid} is already that of {other}: one policy per profile and algorithm")]
    DuplicatePolicy {
        /// The identifier.
        oid: String,
        /// Who has it.
        other: String,
    },
    /// A key algorithm without, or a policy without its, counterpart.
    #[error("{algorithm} has no match: one policy per profile and key algorithm")]
    PolicyMismatch {
        /// The algorithm.
        algorithm: KeyAlgorithm,
    },
    /// An issuer that no profile describes, or of the wrong kind.
    #[error("{issuer:?} cannot sign this: {rule}")]
    Issuer {
        /// The issuer's name, shortened.
        issuer: String,
        /// The rule.
        rule: &'static str,
    },
    /// A key for which no issuer of its family is named.
    #[error(
        "{algorithm} has no issuer of its own family: an RSA hierarchy never certifies ECC end entities, nor the other way"
    )]
    NoIssuer {
        /// The algorithm.
        algorithm: KeyAlgorithm,
    },
    /// A placeholder that configuration does not fill.
    #[error(
        "{text:?} has an unknown placeholder or bad characters: use {{operator}} or {{organization}}"
    )]
    Placeholder {
        /// The text, shortened.
        text: String,
    },
    /// A certificate that could outlive its issuer's.
    #[error(
        "{algorithm} issued at {at} lasts until {not_after}, but {issuer} made then ends at {issuer_end}: no certificate outlives its issuer"
    )]
    OutlivesIssuer {
        /// The subject's key.
        algorithm: KeyAlgorithm,
        /// When it would be issued.
        at: UnixTime,
        /// Its last second.
        not_after: UnixTime,
        /// The issuer.
        issuer: String,
        /// The issuer's last second.
        issuer_end: UnixTime,
    },
    /// A key that the policy never lets this profile issue.
    #[error("{algorithm} is never permitted by the policy: remove it here or add a rule there")]
    NeverPermitted {
        /// The algorithm.
        algorithm: KeyAlgorithm,
    },
}

impl ProfileError {
    pub(super) fn new(file: &str, key: impl Into<String>, fault: ProfileFault) -> Self {
        Self {
            file: file.to_owned(),
            key: key.into(),
            fault,
        }
    }

    /// A stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.fault {
            ProfileFault::Syntax { .. } => "profile.syntax",
            ProfileFault::Unreadable { .. } => "profile.unreadable",
            ProfileFault::Name { .. } => "profile.name",
            ProfileFault::Duplicate { .. } => "profile.duplicate",
            ProfileFault::Missing => "profile.missing",
            ProfileFault::TooMany { .. } => "profile.too_many",
            ProfileFault::Empty { .. } => "profile.empty",
            ProfileFault::Unknown { .. } => "profile.unknown",
            ProfileFault::Oid { .. } => "profile.oid",
            ProfileFault::Kind { .. } => "profile.kind",
            ProfileFault::KeyUsage { .. } => "profile.key_usage",
            ProfileFault::Purpose { .. } => "profile.purpose",
            ProfileFault::Extension { .. } => "profile.extension",
            ProfileFault::DuplicateExtension { .. } => "profile.duplicate_extension",
            ProfileFault::Validity { .. } => "profile.validity",
            ProfileFault::NoCap => "profile.no_cap",
            ProfileFault::UnknownDate { .. } => "profile.unknown_date",
            ProfileFault::DuplicatePolicy { .. } => "profile.duplicate_policy",
            ProfileFault::PolicyMismatch { .. } => "profile.policy_mismatch",
            ProfileFault::Issuer { .. } => "profile.issuer",
            ProfileFault::NoIssuer { .. } => "profile.no_issuer",
            ProfileFault::Placeholder { .. } => "profile.placeholder",
            ProfileFault::OutlivesIssuer { .. } => "profile.outlives_issuer",
            ProfileFault::NeverPermitted { .. } => "profile.never_permitted",
        }
    }
}

/// At most 64 characters of what a document said.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(64).collect()
}
