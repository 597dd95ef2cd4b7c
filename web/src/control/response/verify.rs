//! Judgements of a chain. Texts for people stand in English and in Japanese (`…_ja`).

use kasane_verify::policy::Class;
use kasane_verify::{KeyAlgorithm, UnixTime};
use serde::{Deserialize, Serialize};

/// What came of verifying a chain: `verified` or `refusal`, or a dry run of another date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// It is trusted. Absent from a dry run.
    pub verified: Option<Verified>,
    /// It is not, or would not be at the date of the dry run.
    pub refusal: Option<Refusal>,
    /// Evidence of revocation status that would be needed, or would be better than none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingEvidence>,
    /// What another date makes of the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<DryRunView>,
    /// The whole search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<ExplanationView>,
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
    /// The same in Japanese.
    pub phase_title_ja: String,
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
    /// `good by this authority's records`, `good by the evidence given`, `unavailable and tolerated`
    /// when some is, or `not checked`.
    pub revocation: String,
    /// How the status of each certificate was established from evidence, from the anchor down.
    pub status: Vec<StatusView>,
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
    /// Why, Japanese.
    pub reason_ja: String,
}

/// Why a chain is not trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The stable code.
    pub code: String,
    /// The whole message.
    pub message: String,
    /// The same in Japanese.
    pub message_ja: String,
    /// Which certificate: `end entity`, `intermediate N`, `trust anchor N`, counted from 0.
    pub position: Option<String>,
    /// Its subject DN, RFC 4514.
    pub subject: Option<String>,
    /// The rule that it breaks.
    pub rule: Option<String>,
}

/// How the status of a certificate was established.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// Which certificate.
    pub position: String,
    /// Its subject DN, RFC 4514.
    pub subject: String,
    /// By what.
    pub by: StatusBasis,
    /// When the status was known; absent without evidence.
    pub this_update: Option<UnixTime>,
    /// When there will be news.
    pub next_update: Option<UnixTime>,
    /// Number of the CRL, hexadecimal.
    pub crl_number: Option<String>,
    /// Number of the delta CRL that brought it up to date, hexadecimal.
    pub delta_number: Option<String>,
    /// Name of the emergency in which missing evidence is tolerated.
    pub emergency: Option<String>,
}

/// What a status rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatusBasis {
    /// A CRL.
    Crl,
    /// An OCSP response.
    Ocsp,
    /// Its issuer says that it need not be checked.
    NoCheck,
    /// Nothing: soft-fail puts up with that.
    SoftFail,
    /// Nothing: a declared emergency puts up with that.
    Emergency,
}

impl StatusBasis {
    /// Whether there was no evidence, so that the relying system reports it.
    #[must_use]
    pub const fn is_tolerated(self) -> bool {
        matches!(self, Self::SoftFail | Self::Emergency)
    }
}

/// Evidence of revocation status that was not given. Any one of the addresses may suffice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingEvidence {
    /// Which certificate it would be about.
    pub position: String,
    /// Its subject DN, RFC 4514.
    pub subject: String,
    /// Its serial.
    pub serial: String,
    /// Where OCSP is answered.
    pub ocsp: Vec<String>,
    /// Where CRLs are.
    pub crl: Vec<String>,
    /// Where delta CRLs are.
    pub delta: Vec<String>,
    /// Why what was given does not suffice.
    pub problems: Vec<String>,
}

/// What another date makes of the path. Revocation status of that date cannot be known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunView {
    /// The date.
    pub at: UnixTime,
    /// The phase of the policy then.
    pub phase: String,
    /// What the phase is called.
    pub phase_title: String,
    /// The same in Japanese.
    pub phase_title_ja: String,
    /// Whether there is a path then.
    pub passes: bool,
    /// That path, end entity first; empty when there is none. It may be another than today's.
    pub path: Vec<PathElement>,
    /// What the date brings against each certificate of today's path; without one, against the end
    /// entity.
    pub certificates: Vec<DryRunCertificate>,
    /// Why there is no path today, revocation aside.
    pub today: Option<Refusal>,
}

/// A certificate of today's path at another date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunCertificate {
    /// Which one.
    pub position: String,
    /// Its subject DN, RFC 4514.
    pub subject: String,
    /// Its serial; none for an anchor.
    pub serial: Option<String>,
    /// The worst of the findings.
    pub verdict: DryRunVerdict,
    /// What the date brings against it.
    pub findings: Vec<DryRunFinding>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DryRunVerdict {
    /// Nothing is wrong.
    Passes,
    /// Accepted, and to be reported.
    Warned,
    /// No path may contain it.
    Refused,
}

/// What a date brings against a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunFinding {
    /// How bad it is.
    pub verdict: DryRunVerdict,
    /// The stable code, or the policy's rule.
    pub code: String,
    /// Why.
    pub text: String,
    /// Why, Japanese.
    pub text_ja: String,
}

/// The whole search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplanationView {
    /// The end entity and everything tried above it.
    pub root: ExplanationNode,
    /// Signature checks that it took, with those of evidence.
    pub signatures: u32,
    /// Build steps that it took.
    pub build_steps: u32,
    /// Whether the tree was cut off because it grew too large.
    pub truncated: bool,
}

/// A certificate or anchor in the search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplanationNode {
    /// Which one.
    pub position: String,
    /// Its subject DN, RFC 4514.
    pub subject: String,
    /// Its serial; none for an anchor.
    pub serial: Option<String>,
    /// What became of it there.
    pub outcome: ExplanationOutcome,
    /// Why it was refused there, or the path up to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<ExplanationRefusal>,
    /// How its status was established, on the accepted path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusView>,
    /// What was tried as its issuer, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<Self>,
}

/// What became of a certificate in a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExplanationOutcome {
    /// It is on the accepted path.
    Accepted,
    /// No path leads on from it.
    NoPath,
    /// It was refused.
    Refused,
}

/// Why a node was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplanationRefusal {
    /// Which certificate broke the rule; another than the node's when the path up to it did.
    pub at: String,
    /// The stable code.
    pub code: String,
    /// The rule.
    pub rule: String,
    /// Why.
    pub text: String,
    /// Why, Japanese.
    pub text_ja: String,
}
