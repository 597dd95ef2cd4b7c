//! Why the authority refused, or could not.

use crate::key_quality::KeyError;
use crate::lint::LintError;
use crate::profile::ProfileError;
use crate::projection::ApplyError;
use crate::registration::RegistrationError;
use crate::request::RequestError;
use crate::signing::SigningError;
use crate::store::StoreError;

/// Why the authority refused, or could not. Each has a stable [`code`](Self::code).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request is not acceptable.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The key is not fit to be certified.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A code, name or number is not acceptable.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// A profile is not acceptable.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A profile gives no validity now.
    #[error(transparent)]
    Validity(#[from] crate::profile::ValidityError),
    /// The timeline is not acceptable.
    #[error(transparent)]
    Timeline(#[from] kasane_verify::policy::TimelineError),
    /// The dated policy forbids it.
    #[error("policy refuses {profile} with {key}: {reason} (rule {rule}, phase {phase})")]
    PolicyRefuses {
        /// The profile asked for.
        profile: String,
        /// The key's algorithm.
        key: String,
        /// The rule's reason.
        reason: String,
        /// The rule.
        rule: String,
        /// The phase in force.
        phase: String,
    },
    /// A lint stopped it.
    #[error(transparent)]
    Lint(#[from] LintError),
    /// The door let no signature out.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The ledger could not be read or written.
    #[error(transparent)]
    Ledger(#[from] kasane_ledger::Error),
    /// A ledger entry could not be encoded or read.
    #[error(transparent)]
    Entry(#[from] kasane_ledger_schema::DecodeError),
    /// The projection could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger and the projection disagree.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] crate::folder::FolderError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] crate::random::RandomFailed),
    /// A status address is not acceptable.
    #[error(transparent)]
    StatusUrl(#[from] crate::urls::BadStatusUrl),
    /// Something could not be encoded.
    #[error("encoding failed: {0}")]
    Encoding(#[from] der::Error),
    /// A ceremony script is not acceptable, or a step failed.
    #[error(transparent)]
    Ceremony(#[from] crate::ceremony::CeremonyError),
    /// A device's attestation of a key proves nothing.
    #[error(transparent)]
    Attestation(#[from] crate::attestation::AttestationError),
    /// What was made elsewhere is not taken over.
    #[error(transparent)]
    Import(#[from] crate::authority::ImportError),
    /// A secret could not be split or put together.
    #[error(transparent)]
    Custody(#[from] crate::custody::CustodyError),
    /// The private log could not be read or written.
    #[error(transparent)]
    Private(#[from] crate::private_log::PrivateError),
    /// The authority that is followed gives nothing.
    #[error(transparent)]
    Feed(#[from] crate::follower::FeedError),
    /// No such thing.
    #[error("{kind} {name:?}: not known{hint}")]
    NotFound {
        /// `facility`, `certificate`, `issuer`, `profile`, …
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// What to do about it; begins with `: ` or is empty.
        hint: &'static str,
    },
    /// It exists already.
    #[error("{kind} {name:?}: exists already")]
    Exists {
        /// `facility`, `system`, `operator`, …
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The profile is not for such a subject.
    #[error("profile {profile:?} is not for {subject}: {reason}")]
    ProfileNotForSubject {
        /// The profile.
        profile: String,
        /// The subject.
        subject: String,
        /// Why.
        reason: &'static str,
    },
    /// The key's algorithm is not one of the profile's.
    #[error("profile {profile:?} takes {allowed}, the request has {found}")]
    KeyNotOfProfile {
        /// The profile.
        profile: String,
        /// What it takes.
        allowed: String,
        /// What the request has.
        found: String,
    },
    /// The profile does not take requests signed like that.
    #[error("profile {profile:?} takes no request signed with {found}: use SHA-256 or better")]
    RequestDigest {
        /// The profile.
        profile: String,
        /// How the request is signed.
        found: String,
    },
    /// The clock is behind the ledger.
    #[error(
        "the clock says {now}, but the ledger's newest entry is of {latest}: set the clock right; if \
         the ledger's time is what was wrong, run 'kasane ledger accept-clock'"
    )]
    ClockBehind {
        /// What the clock says.
        now: kasane_verify::UnixTime,
        /// The time of the newest entry.
        latest: kasane_verify::UnixTime,
    },
    /// The key was revoked as compromised.
    #[error(
        "the request's key was revoked as compromised and is never certified again: make a new key"
    )]
    KeyCompromised,
    /// The key belongs to somebody else.
    #[error("the request's key is certified for {subject} already: make a new key")]
    KeyOfAnother {
        /// Whose it is.
        subject: String,
    },
    /// A server's name is not the operator's.
    #[error("DNS name {name:?} is neither {domain} nor below it: servers of this authority are")]
    NameOutsideDomain {
        /// The name.
        name: String,
        /// The operator's domain.
        domain: String,
    },
    /// The request key was used for something else.
    #[error("request key {request_key:?} was used for another request; use a new key")]
    RequestKeyReused {
        /// The key.
        request_key: String,
    },
    /// The request key cannot be stored.
    #[error("request key is refused: use 1 to 128 printable ASCII characters")]
    BadRequestKey,
    /// The CA was ended.
    #[error("issuer {issuer:?} was ended: it signs nothing beside its final CRLs")]
    IssuerEnded {
        /// Its name.
        issuer: String,
    },
    /// The CA cannot be ended yet.
    #[error(
        "issuer {issuer:?} cannot be ended: {count} of its certificates are neither expired nor \
         revoked, among them {serial} ({subject}); revoke them or wait"
    )]
    IssuerInUse {
        /// Its name.
        issuer: String,
        /// How many.
        count: u64,
        /// The serial of one.
        serial: String,
        /// Whom that one names.
        subject: String,
    },
    /// The certificate is revoked already.
    #[error("certificate {serial} of {issuer}: revoked already")]
    AlreadyRevoked {
        /// The issuer.
        issuer: String,
        /// The serial.
        serial: String,
    },
    /// Not as many certificates are to be revoked as somebody confirmed.
    #[error(
        "{found} certificates would be revoked, {confirmed} were confirmed; nothing was revoked. Look again with --dry-run, and give its --confirm and --counted-at together: what is issued meanwhile is left out then"
    )]
    CountDiffers {
        /// What was confirmed.
        confirmed: u64,
        /// What was found.
        found: u64,
    },
    /// Certificates of a list are not known.
    #[error(
        "{count} of the listed certificates are unknown, {first} the first of them: nothing is revoked; 'kasane list' shows those that exist"
    )]
    UnknownSerials {
        /// How many.
        count: u64,
        /// The first, in hex.
        first: String,
    },
    /// The certificate cannot be used for that now.
    #[error("certificate {serial} of {issuer}: {reason}")]
    CertificateState {
        /// The issuer.
        issuer: String,
        /// The serial.
        serial: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// Several issuers used that serial number.
    #[error("serial {serial}: more than one issuer has it; name the issuer")]
    SerialAmbiguous {
        /// The serial.
        serial: String,
    },
    /// An argument is out of range.
    #[error("{what} is refused: {reason}")]
    BadArgument {
        /// Which argument.
        what: &'static str,
        /// What is wrong and what to write instead.
        reason: String,
    },
    /// Too little space is left: nothing is issued.
    #[error(
        "disk of {path} is full: {free_bytes} bytes are free, {reserved_bytes} are kept for revocations and CRLs; make space, issuance then goes on",
        path = path.display()
    )]
    DiskFull {
        /// The folder that could not grow.
        path: std::path::PathBuf,
        /// Bytes free.
        free_bytes: u64,
        /// Bytes kept free.
        reserved_bytes: u64,
    },
    /// Integrity is in doubt: nothing is issued.
    #[error("issuance is stopped: {reason}; run 'kasane ledger verify'")]
    Stopped {
        /// What the scrub or the ledger found.
        reason: String,
    },
    /// The configuration does not allow it.
    #[error("refused in {mode} mode: {reason}")]
    Mode {
        /// `production` or `demo`.
        mode: String,
        /// Why.
        reason: String,
    },
}

impl Error {
    /// A stable code for programs: never reworded.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Request(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Registration(error) => error.code(),
            Self::Profile(error) => error.code(),
            Self::Validity(error) => error.code(),
            Self::Timeline(error) => error.code(),
            Self::PolicyRefuses { .. } => "policy.refused",
            Self::Lint(error) => error.code(),
            Self::Signing(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Entry(_) => "ledger.entry",
            Self::Store(error) => error.code(),
            Self::Apply(ApplyError::Stopped) => "authority.stopping",
            Self::Apply(_) => "store.contradiction",
            Self::Folder(error) => error.code(),
            Self::Random(_) => "random.failed",
            Self::StatusUrl(_) => "configuration.status-url",
            Self::Encoding(_) => "encoding.failed",
            Self::Ceremony(error) => error.code(),
            Self::Attestation(error) => error.code(),
            Self::Import(error) => error.code(),
            Self::Custody(error) => error.code(),
            Self::Private(error) => error.code(),
            Self::Feed(error) => error.code(),
            Self::NotFound { kind, .. } => match *kind {
                "facility" => "facility.unknown",
                "terminal" => "terminal.unknown",
                "system" => "system.unknown",
                "operator" => "operator.unknown",
                "responder" => "responder.unknown",
                "certificate" => "certificate.unknown",
                "issuer" => "issuer.unknown",
                "profile" => "profile.unknown",
                _ => "not-found",
            },
            Self::Exists { kind, .. } => match *kind {
                "facility" => "facility.exists",
                "system" => "system.exists",
                "operator" => "operator.exists",
                _ => "exists",
            },
            Self::ProfileNotForSubject { .. } => "profile.not-for-subject",
            Self::KeyNotOfProfile { .. } => "key.not-of-profile",
            Self::RequestDigest { .. } => "csr.digest-not-of-profile",
            Self::ClockBehind { .. } => "clock.behind",
            Self::KeyCompromised => "key.compromised",
            Self::KeyOfAnother { .. } => "key.of-another",
            Self::NameOutsideDomain { .. } => "system.name-outside-domain",
            Self::RequestKeyReused { .. } => "request-key.reused",
            Self::BadRequestKey => "request-key.bad",
            Self::IssuerEnded { .. } => "issuer.ended",
            Self::IssuerInUse { .. } => "issuer.in-use",
            Self::AlreadyRevoked { .. } => "certificate.already-revoked",
            Self::CountDiffers { .. } => "revocation.count-differs",
            Self::UnknownSerials { .. } => "revocation.unknown-serials",
            Self::CertificateState { .. } => "certificate.state",
            Self::SerialAmbiguous { .. } => "certificate.ambiguous",
            Self::BadArgument { .. } => "argument.bad",
            Self::DiskFull { .. } => "disk.full",
            Self::Stopped { .. } => "authority.stopped",
            Self::Mode { .. } => "authority.mode",
        }
    }
}
