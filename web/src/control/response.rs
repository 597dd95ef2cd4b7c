//! What is answered. Serials are lower-case hex, certificates PEM, times RFC 3339.

use kasane_verify::policy::{Act, Class};
use kasane_verify::{KeyAlgorithm, UnixTime};
use serde::{Deserialize, Serialize};

use super::request::CertificateState;

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// A certificate was issued, or had been under the same request key.
    Issued(IssuedCertificate),
    /// A certificate was revoked.
    Revoked(Revoked),
    /// One certificate.
    Certificate(CertificateView),
    /// Certificates.
    Certificates(Certificates),
    /// A chain is trusted.
    Verified(Verified),
    /// Something was noted in the ledger.
    Noted(Noted),
    /// Facilities.
    Facilities(Facilities),
    /// Systems.
    Systems(Systems),
    /// Staff.
    Operators(Operators),
    /// The ledger is whole.
    LedgerReport(LedgerReport),
    /// A proof.
    Proof(Proof),
    /// Ledger entries.
    Entries(Entries),
    /// CRLs were published.
    CrlsPublished(CrlsPublished),
    /// The newest CRLs.
    Crls(Crls),
    /// One CRL.
    Crl(CrlView),
    /// What the policy decides.
    Policy(PolicyExplained),
}

/// A certificate was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedCertificate {
    /// The issuer's name.
    pub issuer: String,
    /// The serial.
    pub serial: String,
    /// The profile's name.
    pub profile: String,
    /// Whom it names.
    pub subject: String,
    /// The last second of its validity.
    pub not_after: UnixTime,
    /// Ledger index of the record: the bytes that were to be signed.
    pub record: u64,
    /// Ledger index of the outcome: the signature.
    pub outcome: u64,
    /// The certificate.
    pub pem: String,
    /// The CA certificates above it, the root left out.
    pub chain_pem: String,
}

/// A certificate was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// The issuer's name.
    pub issuer: String,
    /// The serial.
    pub serial: String,
    /// Whom it names.
    pub subject: String,
    /// When and why.
    pub revocation: RevocationView,
    /// The CRLs that tell of it. OCSP tells at once.
    pub crls: CrlsPublished,
}

/// A revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationView {
    /// When.
    pub date: UnixTime,
    /// Why, if a reason is stated.
    pub reason: Option<String>,
    /// Since when the key was untrustworthy.
    pub invalidity_date: Option<UnixTime>,
    /// Ledger index of the entry that revoked.
    pub ledger_index: u64,
}

/// What is known of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateSummary {
    /// The issuer's name.
    pub issuer: String,
    /// The serial.
    pub serial: String,
    /// Whom it names.
    pub subject: String,
    /// The profile's name.
    pub profile: String,
    /// Where it is in its life.
    pub state: CertificateState,
    /// The last second of its validity.
    pub not_after: UnixTime,
    /// Its revocation.
    pub revocation: Option<RevocationView>,
    /// Ledger index of the record.
    pub record: u64,
    /// Ledger index of the outcome.
    pub outcome: Option<u64>,
}

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateView {
    /// What the authority knows of it; none for a certificate that was only read from a file.
    pub known: Option<CertificateSummary>,
    /// What it says; none when it was never signed.
    pub content: Option<CertificateContent>,
    /// The certificate; empty when it was never signed.
    pub pem: String,
    /// The CA certificates above it, the root left out.
    pub chain_pem: String,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateContent {
    /// The serial.
    pub serial: String,
    /// Subject DN, RFC 4514.
    pub subject: String,
    /// Issuer DN, RFC 4514.
    pub issuer: String,
    /// First second of its validity.
    pub not_before: UnixTime,
    /// Last second of its validity.
    pub not_after: UnixTime,
    /// The subject's key, or why it cannot be read.
    pub key: String,
    /// How it is signed, or why that cannot be read.
    pub signature: String,
    /// Whether it is a CA's.
    pub is_ca: bool,
    /// Path length constraint.
    pub path_len: Option<u32>,
    /// Subject alternative names: `uri:…`, `dns:…`.
    pub subject_alt_names: Vec<String>,
    /// Key usage, names of RFC 5280.
    pub key_usage: Vec<String>,
    /// Extended key usage, names or OIDs.
    pub extended_key_usage: Vec<String>,
    /// Certificate policies, OIDs.
    pub policies: Vec<String>,
    /// Where its CRL is.
    pub crl_uris: Vec<String>,
    /// Where OCSP answers for it.
    pub ocsp_uris: Vec<String>,
    /// Subject key identifier.
    pub subject_key_id: Option<String>,
    /// Authority key identifier.
    pub authority_key_id: Option<String>,
    /// SHA-256 of the certificate that it is related to (RFC 9763).
    pub related_certificate: Option<String>,
    /// SHA-256 of the certificate.
    pub sha256: String,
}

/// Certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificates {
    /// Those that were asked for, up to the limit.
    pub certificates: Vec<CertificateSummary>,
    /// Whether there are more.
    pub more: bool,
}

/// A chain is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The instant it was judged at.
    pub at: UnixTime,
    /// The phase of the policy then.
    pub phase: String,
    /// What the phase is called.
    pub phase_title: String,
    /// What the policy is called.
    pub policy: String,
    /// Days by which the demonstration timeline is moved; 0 for the real one.
    pub shift_days: i64,
    /// What it was verified for.
    pub purpose: String,
    /// How the policy classes the end entity.
    pub class: Class,
    /// The URI that names the facility, system or person.
    pub identity: Option<String>,
    /// The end entity's key.
    pub key: KeyAlgorithm,
    /// The path, end entity first, anchor last.
    pub path: Vec<PathElement>,
    /// Certificate policies that are valid for the path; `any` for every one.
    pub policies: Vec<String>,
    /// What the dated policy wants reported.
    pub warnings: Vec<VerifyWarning>,
}

/// A certificate in a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathElement {
    /// Subject DN, RFC 4514.
    pub subject: String,
    /// Its serial; none for an anchor.
    pub serial: Option<String>,
    /// Last second of its validity; none for an anchor.
    pub not_after: Option<UnixTime>,
}

/// What the dated policy wants reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyWarning {
    /// Subject DN, RFC 4514.
    pub subject: String,
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// Something was noted in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// `facility`, `terminal`, `system`, `operator`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What happened to it: `registered`, `recorded`, `forgotten`.
    pub change: String,
    /// Ledger index of the entry.
    pub ledger_index: u64,
}

/// Facilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facilities {
    /// By code.
    pub facilities: Vec<FacilityView>,
    /// Whether there are more.
    pub more: bool,
}

/// A facility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacilityView {
    /// Its code.
    pub code: String,
    /// Its terminals are 1 to this number.
    pub terminals: u32,
    /// When it was registered.
    pub registered: UnixTime,
    /// Terminals whose hardware cannot use ECC.
    pub ecc_incapable: Vec<u32>,
    /// From the private log, when asked for.
    pub contacts: Vec<String>,
}

/// Systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Systems {
    /// By name.
    pub systems: Vec<SystemView>,
    /// Whether there are more.
    pub more: bool,
}

/// A server or a system client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemView {
    /// Its identifier.
    pub name: String,
    /// The DNS names of its servers.
    pub dns_names: Vec<String>,
    /// Whether it may hold server certificates.
    pub server: bool,
    /// Whether it may hold client certificates.
    pub client: bool,
    /// When it was registered.
    pub registered: UnixTime,
}

/// Staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operators {
    /// By name.
    pub operators: Vec<OperatorView>,
    /// Whether there are more.
    pub more: bool,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorView {
    /// The identifier.
    pub name: String,
    /// When it was registered.
    pub registered: UnixTime,
    /// From the private log, when asked for.
    pub person: Vec<String>,
}

/// The ledger is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerReport {
    /// The log's origin.
    pub origin: String,
    /// Entries rehashed.
    pub entries: u64,
    /// The root over them, base64.
    pub root: String,
    /// Private records checked.
    pub private_records: u64,
    /// Full tiles compared.
    pub tiles: u64,
    /// Entries compared with the journal.
    pub journal_entries: u64,
    /// Bytes of entries.
    pub bytes: u64,
    /// Entries under the published checkpoint; none before the first.
    pub checkpoint_size: Option<u64>,
    /// The key that signed the checkpoint, as recorded in the ledger (C2SP signed-note).
    pub verifier_key: String,
}

/// A proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The entry.
    pub index: u64,
    /// Its kind.
    pub kind: String,
    /// Entries in the tree that it is in.
    pub size: u64,
    /// The entry's leaf hash, base64.
    pub leaf_hash: String,
    /// What verifies the checkpoint in the proof (C2SP signed-note).
    pub verifier_key: String,
    /// C2SP tlog-proof.
    pub proof: String,
}

/// Ledger entries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entries {
    /// In order.
    pub entries: Vec<EntryView>,
    /// Entries in the ledger.
    pub size: u64,
}

/// A ledger entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryView {
    /// Its index.
    pub index: u64,
    /// When.
    pub time: UnixTime,
    /// Who caused it.
    pub actor: String,
    /// What happened: the name of the body's type.
    pub kind: String,
    /// The body, octets as hex.
    pub body: serde_json::Value,
}

/// What the policy decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyExplained {
    /// What the policy is called.
    pub policy: String,
    /// Version of its content.
    pub policy_serial: u64,
    /// Days by which the demonstration timeline is moved; 0 for the real one.
    pub shift_days: i64,
    /// The time asked about.
    pub at: UnixTime,
    /// The phase then.
    pub phase: String,
    /// What the phase is called, English.
    pub phase_title: String,
    /// What the phase is called, Japanese.
    pub phase_title_ja: String,
    /// The profile's name.
    pub profile: String,
    /// How the policy classes it.
    pub class: Class,
    /// The key asked about.
    pub key: KeyAlgorithm,
    /// Whether the profile takes such a key at all.
    pub profile_takes_key: bool,
    /// One answer for each act.
    pub answers: Vec<PolicyAnswer>,
}

/// One answer of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyAnswer {
    /// The act asked about.
    pub act: Act,
    /// `permit`, `accept`, `warn` or `refuse`.
    pub decision: String,
    /// The last second that a permitted certificate may name, if bounded.
    pub not_after_cap: Option<UnixTime>,
    /// The rule that decided.
    pub rule: String,
    /// Why, English.
    pub reason: String,
    /// Why, Japanese.
    pub reason_ja: String,
}

/// CRLs were published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlsPublished {
    /// New ones.
    pub published: Vec<CrlSummary>,
    /// Those that could not be made, and why; a running service tries again.
    pub failed: Vec<String>,
}

/// The newest CRLs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crls {
    /// By issuer, shard and kind.
    pub crls: Vec<CrlSummary>,
}

/// A CRL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlSummary {
    /// The issuer's name.
    pub issuer: String,
    /// The shard.
    pub shard: u32,
    /// Whether it is a delta CRL.
    pub delta: bool,
    /// The CRL number.
    pub number: u64,
    /// The base's number, of a delta CRL.
    pub base_number: Option<u64>,
    /// thisUpdate.
    pub this_update: UnixTime,
    /// nextUpdate.
    pub next_update: UnixTime,
    /// Entries in it, where that was looked up.
    pub entries: Option<u64>,
}

/// One CRL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlView {
    /// Which.
    pub crl: CrlSummary,
    /// The CRL, PEM.
    pub pem: String,
}
