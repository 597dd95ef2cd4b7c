//! What is answered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kasane_verify::certificate::Certificate;
use kasane_verify::path::{
    Explanation, Node, NodeOutcome, PathError, Position, Round, TrustAnchor, VerifiedPath,
};
use kasane_verify::revocation::{Basis, RevocationRequest, StatusUsed, Tolerance};
use kasane_verify::{KeyFamily, UnixTime};
use serde::Serialize;
use utoipa::ToSchema;

/// The verdict on a chain.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub(super) enum Answer {
    /// There is a trusted path.
    Verified(Box<Verified>),
    /// There is none.
    Refused(Refused),
    /// Evidence of revocation status is missing. Not a yes: fetch any one of what each entry names
    /// and ask again with it, or with the certificate among `given_up`.
    NeedsEvidence {
        /// The time that was judged at.
        #[schema(value_type = String)]
        at: UnixTime,
        /// One entry for each certificate.
        needs: Vec<Need>,
    },
}

/// A trusted path.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Verified {
    /// The time that was judged at.
    #[schema(value_type = String)]
    at: UnixTime,
    /// The only URI of the end entity's subject alternative name, if there is exactly one.
    identity: Option<String>,
    /// The end entity's key, such as `p-384`.
    key: String,
    /// `ecc` or `rsa`.
    key_family: &'static str,
    /// The phase of the dated policy.
    phase: Option<String>,
    /// The subject of the trust anchor.
    anchor: String,
    /// The path, end entity first, anchor left out.
    path: Vec<Element>,
    /// What the dated policy wants reported.
    warnings: Vec<Warning>,
    /// How each status was established; certificates whose status was not looked at are left out.
    statuses: Vec<Status>,
}

/// A certificate of the path.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Element {
    /// Its subject (RFC 4514).
    subject: String,
    /// Its serial number, lower-case hexadecimal.
    serial: String,
    /// The last second of its validity.
    #[schema(value_type = String)]
    not_after: UnixTime,
}

/// Something to be reported.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Warning {
    /// The certificate's subject.
    subject: String,
    /// The code of the policy's rule.
    code: String,
    /// In English.
    text: String,
    /// In Japanese.
    text_ja: String,
}

/// How the status of a certificate was established.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Status {
    /// Which one: `end entity`, `intermediate 0` (by its place after the end entity).
    certificate: String,
    /// By what.
    basis: &'static str,
    /// When the status was known, where a document says it.
    #[schema(value_type = Option<String>)]
    this_update: Option<UnixTime>,
    /// When there will be news at the latest.
    #[schema(value_type = Option<String>)]
    next_update: Option<UnixTime>,
    /// Why missing evidence was put up with: `soft-fail`, or an emergency by its name. To be
    /// reported.
    tolerated: Option<String>,
}

/// Why there is no trusted path.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Refused {
    /// The time that was judged at.
    #[schema(value_type = String)]
    at: UnixTime,
    /// The stable dotted code.
    #[schema(example = "path.revoked")]
    code: &'static str,
    /// The rule that is broken.
    #[schema(example = "RFC 5280 §6.1.3 (a)(3)")]
    rule: &'static str,
    /// Which certificate breaks it.
    certificate: String,
    /// Its subject.
    subject: String,
    /// The reason in English.
    text: String,
    /// The reason in Japanese.
    text_ja: String,
}

/// Evidence that is missing about one certificate.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Need {
    /// Which one.
    certificate: String,
    /// Its subject.
    subject: String,
    /// Its serial number, lower-case hexadecimal.
    serial: String,
    /// Its issuer's name, base64 of DER.
    issuer: String,
    /// Where OCSP is answered.
    ocsp: Option<OcspNeed>,
    /// Where CRLs are.
    crls: Vec<CrlNeed>,
    /// Why the evidence that there is does not suffice.
    problems: Vec<String>,
}

/// An OCSP request to make.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct OcspNeed {
    /// Addresses, in the certificate's order.
    uris: Vec<String>,
    /// What to post there, base64 of DER.
    request: String,
}

/// A CRL to fetch.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CrlNeed {
    /// Addresses of the complete CRL, in the certificate's order.
    uris: Vec<String>,
    /// Addresses of its delta; optional.
    delta_uris: Vec<String>,
}

/// A verdict, and everything that was tried.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Explained {
    /// The verdict; evidence that is missing counts as unavailable here.
    result: Answer,
    /// The end entity and everything tried above it.
    tree: Tried,
    /// Signature checks that it took.
    signatures: u32,
    /// Build steps that it took.
    build_steps: u32,
    /// Whether the tree was cut off because it grew too large.
    truncated: bool,
}

/// A certificate or anchor in the search.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Tried {
    /// Which one.
    certificate: String,
    /// Its subject.
    subject: String,
    /// Its serial number; empty for an anchor.
    serial: String,
    /// `accepted`, `no-path` or `refused`.
    outcome: &'static str,
    /// Why it was refused there.
    refusal: Option<Refusal>,
    /// What was tried as its issuer, in that order.
    #[schema(no_recursion)]
    issuers: Vec<Self>,
}

/// Why something was refused in its place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Refusal {
    /// Which certificate broke the rule.
    certificate: String,
    /// The stable dotted code.
    code: &'static str,
    /// The rule.
    rule: &'static str,
    /// In English.
    text: String,
    /// In Japanese.
    text_ja: String,
}

impl Answer {
    pub(super) fn of_round(round: &Round, at: UnixTime, anchors: &[TrustAnchor]) -> Self {
        match round {
            Round::Verified(path) => Self::verified(path, anchors),
            Round::Refused(error) => Self::refused(error, at),
            Round::Needs(requests) => Self::NeedsEvidence {
                at,
                needs: requests.iter().map(Need::new).collect(),
            },
        }
    }

    fn verified(path: &VerifiedPath, anchors: &[TrustAnchor]) -> Self {
        let warnings = path.warnings().iter().map(|warning| Warning {
            subject: warning.subject.clone(),
            code: warning.notice.code.clone(),
            text: warning.notice.text.clone(),
            text_ja: warning.notice.text_ja.clone(),
        });
        let elements = path.certificates().iter().filter_map(|der| {
            let certificate = Certificate::from_der(der).ok()?;
            Some(Element {
                subject: certificate.subject().to_string(),
                serial: certificate.serial_hex(),
                not_after: certificate.not_after(),
            })
        });
        let anchor = anchors.get(path.anchor()).map(TrustAnchor::subject_text);
        Self::Verified(Box::new(Verified {
            at: path.at(),
            identity: path.identity().map(str::to_owned),
            key: path.key().to_string(),
            key_family: match path.key_family() {
                KeyFamily::Ecc => "ecc",
                KeyFamily::Rsa => "rsa",
            },
            phase: path.phase().map(str::to_owned),
            anchor: anchor.unwrap_or_default(),
            path: elements.collect(),
            warnings: warnings.collect(),
            statuses: path.statuses().iter().map(Status::new).collect(),
        }))
    }

    fn refused(error: &PathError, at: UnixTime) -> Self {
        Self::Refused(Refused {
            at,
            code: error.code(),
            rule: error.rule(),
            certificate: error.position.to_string(),
            subject: error.subject.clone(),
            text: error.to_string(),
            text_ja: error.text_ja(),
        })
    }

    /// For the log.
    pub(super) const fn verdict(&self) -> &'static str {
        match self {
            Self::Verified(_) => "verified",
            Self::Refused(_) => "refused",
            Self::NeedsEvidence { .. } => "needs-evidence",
        }
    }

    /// The code of a refusal, for the log.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.code,
            _ => "",
        }
    }
}

impl Status {
    fn new(used: &StatusUsed) -> Self {
        let (basis, this_update, next_update, tolerated) = match &used.basis {
            Basis::Crl { complete, delta } => {
                let list = delta.as_ref().unwrap_or(complete).list();
                ("crl", Some(list.this_update()), list.next_update(), None)
            }
            Basis::Ocsp {
                this_update,
                next_update,
                ..
            } => ("ocsp", Some(*this_update), *next_update, None),
            Basis::NoCheck => ("nocheck", None, None, None),
            Basis::Unavailable(tolerance) => {
                let why = match tolerance {
                    Tolerance::SoftFail => "soft-fail".to_owned(),
                    Tolerance::Emergency(name) => name.clone(),
                };
                ("unavailable", None, None, Some(why))
            }
        };
        Self {
            certificate: used.position.to_string(),
            basis,
            this_update,
            next_update,
            tolerated,
        }
    }
}

impl Need {
    fn new(request: &RevocationRequest) -> Self {
        let crls = request.crls.iter().map(|crl| CrlNeed {
            uris: crl.uris.clone(),
            delta_uris: crl.delta_uris.clone(),
        });
        Self {
            certificate: request.position.to_string(),
            subject: request.subject.clone(),
            serial: request.serial.clone(),
            issuer: STANDARD.encode(&request.issuer),
            ocsp: request.ocsp.as_ref().map(|ocsp| OcspNeed {
                uris: ocsp.uris.clone(),
                request: STANDARD.encode(&ocsp.request),
            }),
            crls: crls.collect(),
            problems: request.problems.clone(),
        }
    }
}

impl Explained {
    pub(super) fn new(explanation: Explanation, at: UnixTime, anchors: &[TrustAnchor]) -> Self {
        Self {
            result: match &explanation.result {
                Ok(path) => Answer::verified(path, anchors),
                Err(error) => Answer::refused(error, at),
            },
            tree: Tried::new(explanation.root),
            signatures: explanation.signatures,
            build_steps: explanation.build_steps,
            truncated: explanation.truncated,
        }
    }
}

impl Tried {
    /// The search bounds how deep the tree is.
    fn new(node: Node) -> Self {
        let (outcome, refusal) = match node.outcome {
            NodeOutcome::Accepted => ("accepted", None),
            NodeOutcome::NoPath => ("no-path", None),
            NodeOutcome::Refused {
                at,
                code,
                rule,
                text,
                text_ja,
            } => {
                let certificate = place(at);
                let refusal = Refusal {
                    certificate,
                    code,
                    rule,
                    text,
                    text_ja,
                };
                ("refused", Some(refusal))
            }
        };
        Self {
            certificate: place(node.position),
            subject: node.subject,
            serial: node.serial,
            outcome,
            refusal,
            issuers: node.issuers.into_iter().map(Self::new).collect(),
        }
    }
}

fn place(position: Position) -> String {
    position.to_string()
}
