//! Why a trust document is refused.

use const_oid::ObjectIdentifier;

use super::{Fingerprint, KeyId, Kind};
use crate::crypto::CryptoError;
use crate::path::AnchorError;
use crate::pem::PemError;
use crate::policy::{Text, TimelineError};
use crate::{KeyAlgorithm, SignatureAlgorithm, UnixTime};

/// Why a trust document, or the state of a store, is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// Not the DER of a trust document, or not in its one form.
    #[error("cannot read trust document: {0}")]
    Malformed(#[from] der::Error),
    /// No PEM, or none of a trust document.
    #[error("cannot read trust document: {0}")]
    Pem(#[from] PemError),
    /// Longer than a document may be.
    #[error("cannot read trust document: {length_bytes} octets are more than 1048576")]
    TooLong {
        /// Its length.
        length_bytes: usize,
    },
    /// A format of another program.
    #[error("cannot read trust document: version {found} is unknown, this program reads version 1")]
    Version {
        /// The version found.
        found: u8,
    },
    /// A kind of another program.
    #[error("cannot read trust document: kind {found} is unknown; a newer program may know it")]
    UnknownKind {
        /// The number found.
        found: u8,
    },
    /// A field that does not fit.
    #[error("trust document refused: {field}: {why}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// More than a reader should have to work through.
    #[error("trust document refused: {count} {what} are more than the {limit} allowed")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// It expires before it begins, or lives longer than its kind may.
    #[error(
        "trust document refused: a {kind} document from {issued_at} to {expires_at} lives not at all \
         or longer than {} days", kind.max_lifetime_days()
    )]
    Lifetime {
        /// Its kind.
        kind: Kind,
        /// When it was made.
        issued_at: UnixTime,
        /// Its last second.
        expires_at: UnixTime,
    },
    /// Signatures that are not in ascending order of distinct officers.
    #[error(
        "trust document refused: its signatures are out of order, or an officer's stands twice"
    )]
    SignatureOrder,
    /// A signature algorithm that is not ours.
    #[error("trust document refused: signature algorithm {found} is unknown")]
    UnknownSignatureAlgorithm {
        /// The algorithm found.
        found: ObjectIdentifier,
    },

    /// A threshold that the set cannot reach, or that asks for nobody.
    #[error("officer set refused: {threshold} of {officers} officers is no threshold")]
    ThresholdOutOfRange {
        /// The threshold.
        threshold: usize,
        /// The officers.
        officers: usize,
    },
    /// A name or a key that stands twice.
    #[error("officer set refused: the name or the key of {name:?} stands twice")]
    DuplicateOfficer {
        /// Whose.
        name: String,
    },
    /// A key that cannot be used.
    #[error("officer {name:?} refused: {reason}")]
    OfficerKey {
        /// Whose.
        name: String,
        /// What is wrong with it.
        reason: CryptoError,
    },
    /// A key of a kind that officers do not have.
    #[error(
        "officer {name:?} refused: {algorithm} keys are not for officers; use p-384, p-256 or ed25519"
    )]
    OfficerAlgorithm {
        /// Whose.
        name: String,
        /// The key.
        algorithm: KeyAlgorithm,
    },
    /// An officer's second signature.
    #[error("cannot sign: officer key {officer} has signed this document already")]
    AlreadySigned {
        /// Whose.
        officer: KeyId,
    },

    /// Documents of another network.
    #[error("trust document refused: it is for {found:?}, not for {expected:?}")]
    OtherDomain {
        /// The store's network.
        expected: String,
        /// The document's.
        found: String,
    },
    /// The pinned officer set is still to come.
    #[error(
        "trust document refused: the officers are not known yet; accept the officers document with \
         the fingerprint {pin} first"
    )]
    NoOfficerSet {
        /// The fingerprint that is pinned.
        pin: Fingerprint,
    },
    /// Signed on behalf of officers whom the store does not know.
    #[error(
        "trust document refused: it is by the officer set {found}, not by {expected}; if officers \
         changed, accept their rotations first"
    )]
    UnknownOfficerSet {
        /// The pinned set.
        expected: Fingerprint,
        /// The document's.
        found: Fingerprint,
    },
    /// The officers' own document is overdue.
    #[error(
        "trust document refused: the officer set expired at {expires_at}, it is {now}; accept a newer \
         officers document first"
    )]
    OfficerSetExpired {
        /// Its last second.
        expires_at: UnixTime,
        /// The time of the question.
        now: UnixTime,
    },
    /// A signature by somebody outside the set.
    #[error("trust document refused: the signing key {officer} is no officer's")]
    UnknownOfficer {
        /// Whose.
        officer: KeyId,
    },
    /// A signature by another algorithm than the officer's.
    #[error("trust document refused: {name:?} does not sign with {found}")]
    SignatureAlgorithm {
        /// The officer.
        name: String,
        /// What the signature says.
        found: SignatureAlgorithm,
    },
    /// A signature that does not verify.
    #[error("trust document refused: signature of {name:?}: {reason}")]
    BadSignature {
        /// The officer.
        name: String,
        /// What is wrong.
        reason: CryptoError,
    },
    /// Too few officers have signed.
    #[error("trust document refused: {signed} officers have signed, {needed} must")]
    Threshold {
        /// How many must sign.
        needed: usize,
        /// How many have.
        signed: usize,
    },
    /// It lies in the future.
    #[error(
        "trust document refused: it was issued at {issued_at}, it is {now} here; set the clock"
    )]
    NotYet {
        /// When it was made.
        issued_at: UnixTime,
        /// The time of the question.
        now: UnixTime,
    },
    /// It is overdue.
    #[error("trust document refused: this {kind} document expired at {expires_at}, it is {now}")]
    Expired {
        /// Its kind.
        kind: Kind,
        /// Its last second.
        expires_at: UnixTime,
        /// The time of the question.
        now: UnixTime,
    },
    /// Older than what is held.
    #[error(
        "trust document refused: {kind} document {found} is older than {accepted}, held already"
    )]
    Rollback {
        /// Its kind.
        kind: Kind,
        /// The number held.
        accepted: u64,
        /// The number offered.
        found: u64,
    },
    /// Two documents with one number, both signed: officers or their keys misbehave.
    #[error(
        "trust document refused: there are two {kind} documents {number}: {accepted} is held, this \
         is {fingerprint}; tell the authority, its officers signed both"
    )]
    Equivocation {
        /// Their kind.
        kind: Kind,
        /// Their number.
        number: u64,
        /// What is held.
        accepted: Fingerprint,
        /// What is offered.
        fingerprint: Fingerprint,
    },
    /// A change of officers that does not follow the one held.
    #[error(
        "officer set refused: document {found} does not follow; document {expected} comes next"
    )]
    SkippedRotation {
        /// The number that comes next.
        expected: u64,
        /// The number offered.
        found: u64,
    },
    /// A document about something else than is asked for.
    #[error("trust document refused: it is about {found}, not about {expected}")]
    OtherKind {
        /// What is asked for.
        expected: Kind,
        /// What it is about.
        found: Kind,
    },

    /// A policy that is no text.
    #[error("signed policy refused: it is not UTF-8")]
    PolicyText,
    /// A policy that contradicts itself.
    #[error("signed policy refused: {0}")]
    Policy(#[from] TimelineError),
    /// A certificate that cannot be an anchor.
    #[error("anchor bundle refused: {0}")]
    Anchor(#[from] AnchorError),
    /// A certificate that is not a CA's.
    #[error("anchor bundle refused: {subject} is no CA")]
    AnchorNotCa {
        /// The name in the certificate.
        subject: String,
    },
    /// An anchor that stands twice.
    #[error("anchor bundle refused: {subject} stands twice with the same key")]
    DuplicateAnchor {
        /// The name in the certificate.
        subject: String,
    },
    /// A period that is empty or too long.
    #[error("emergency refused: from {from} to {until} is no period of at most 30 days")]
    EmergencyPeriod {
        /// The first second.
        from: UnixTime,
        /// The last second.
        until: UnixTime,
    },
    /// A declaration that goes on after its document.
    #[error("emergency refused: it lasts until {until}, its document only until {expires_at}")]
    EmergencyOutlivesDocument {
        /// The last second of the emergency.
        until: UnixTime,
        /// The last second of the document.
        expires_at: UnixTime,
    },
    /// No prefecture.
    #[error("emergency refused: {found} is no prefecture, use 01 to 47")]
    Prefecture {
        /// The code found.
        found: u8,
    },

    /// The state of a store is damaged.
    #[error(
        "trust state refused: {0}; restore the file, or begin again with the fingerprint of the officers"
    )]
    State(&'static str),
}

impl TrustError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "trust.malformed",
            Self::Pem(error) => error.code(),
            Self::TooLong { .. } => "trust.too_long",
            Self::Version { .. } => "trust.version",
            Self::UnknownKind { .. } => "trust.unknown_kind",
            Self::Field { .. } => "trust.field",
            Self::TooMany { .. } => "trust.too_many",
            Self::Lifetime { .. } => "trust.lifetime",
            Self::SignatureOrder => "trust.signature_order",
            Self::UnknownSignatureAlgorithm { .. } | Self::SignatureAlgorithm { .. } => {
                "trust.signature_algorithm"
            }
            Self::ThresholdOutOfRange { .. } => "trust.threshold_range",
            Self::DuplicateOfficer { .. } => "trust.duplicate_officer",
            Self::OfficerKey { .. } => "trust.officer_key",
            Self::OfficerAlgorithm { .. } => "trust.officer_algorithm",
            Self::AlreadySigned { .. } => "trust.already_signed",
            Self::OtherDomain { .. } => "trust.other_domain",
            Self::NoOfficerSet { .. } => "trust.no_officer_set",
            Self::UnknownOfficerSet { .. } => "trust.unknown_officer_set",
            Self::OfficerSetExpired { .. } => "trust.officer_set_expired",
            Self::UnknownOfficer { .. } => "trust.unknown_officer",
            Self::BadSignature { .. } => "trust.bad_signature",
            Self::Threshold { .. } => "trust.threshold",
            Self::NotYet { .. } => "trust.not_yet",
            Self::Expired { .. } => "trust.expired",
            Self::Rollback { .. } => "trust.rollback",
            Self::Equivocation { .. } => "trust.equivocation",
            Self::SkippedRotation { .. } => "trust.skipped_rotation",
            Self::OtherKind { .. } => "trust.other_kind",
            Self::PolicyText => "trust.policy_text",
            Self::Policy(error) => error.code(),
            Self::Anchor(error) => error.code(),
            Self::AnchorNotCa { .. } => "trust.anchor_not_ca",
            Self::DuplicateAnchor { .. } => "trust.duplicate_anchor",
            Self::EmergencyPeriod { .. } => "trust.emergency_period",
            Self::EmergencyOutlivesDocument { .. } => "trust.emergency_outlives_document",
            Self::Prefecture { .. } => "trust.prefecture",
            Self::State(_) => "trust.state",
        }
    }

    /// What is said to people, in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        Text {
            en: self.to_string(),
            ja: super::japanese::of(self),
        }
    }
}
