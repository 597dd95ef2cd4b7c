//! What a date to come makes of a path that is good today.

use super::{
    PathError, Position, Question, Reason, TrustAnchor, VerifiedPath, Verifier, Warning, check,
};
use crate::UnixTime;
use crate::certificate::Certificate;
use crate::revocation::RevocationRules;

/// A path at another date. Revocation status of that date cannot be known and is left out.
#[derive(Debug)]
pub struct DryRun {
    /// The date.
    pub at: UnixTime,
    /// The phase of the dated policy at that date.
    pub phase: Option<String>,
    /// What a search at that date finds: perhaps another path than today's.
    pub result: Result<VerifiedPath, PathError>,
    /// What that date brings against each certificate of today's path, from the end entity up to the
    /// anchor; all of it, where a search reports the most telling reason. Without a path today the
    /// end entity alone is looked at.
    pub findings: Vec<Finding>,
}

/// What a date brings against a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which one.
    pub position: Position,
    /// Its subject in RFC 4514 form.
    pub subject: String,
    /// Why it is refused, or what is to be reported of it.
    pub kind: FindingKind,
}

/// How bad it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// No path may contain it.
    Refused(Reason),
    /// It is accepted, and the relying system should report it.
    Warned(Warning),
}

impl DryRun {
    /// Whether there is a path at that date.
    #[must_use]
    pub const fn passes(&self) -> bool {
        self.result.is_ok()
    }
}

pub(super) fn run(verifier: &Verifier<'_>, question: &Question<'_>, at: UnixTime) -> DryRun {
    let verifier = verifier
        .clone()
        .with_revocation(RevocationRules::dangerously_unchecked());
    let then = Question {
        at,
        ..question.clone()
    };
    let mut findings = Vec::new();
    match verifier.verify(question) {
        Ok(today) => {
            let certificates = today.certificates().iter().zip(today.positions());
            for (der, position) in certificates {
                // What was on a path can be read.
                if let Ok(certificate) = Certificate::from_der(der) {
                    look(&verifier, &then, *position, &certificate, &mut findings);
                }
            }
            if let Some(anchor) = verifier.anchors.get(today.anchor()) {
                look_at_anchor(&verifier, &then, today.anchor(), anchor, &mut findings);
            }
        }
        Err(_) => {
            let end_entity = question.end_entity;
            look(
                &verifier,
                &then,
                Position::EndEntity,
                end_entity,
                &mut findings,
            );
        }
    }
    DryRun {
        at,
        phase: verifier.policy.phase(at),
        result: verifier.verify(&then),
        findings,
    }
}

fn look(
    verifier: &Verifier<'_>,
    then: &Question<'_>,
    position: Position,
    certificate: &Certificate<'_>,
    findings: &mut Vec<Finding>,
) {
    let subject = || certificate.subject().to_string();
    let valid = check::validity(certificate.not_before(), certificate.not_after(), then.at);
    let judged = check::judge(verifier, then, then.purpose, position, certificate);
    note(position, subject, valid.map(|()| None), findings);
    note(position, subject, judged, findings);
}

fn look_at_anchor(
    verifier: &Verifier<'_>,
    then: &Question<'_>,
    index: usize,
    anchor: &TrustAnchor,
    findings: &mut Vec<Finding>,
) {
    let position = Position::Anchor(index);
    let subject = || anchor.subject_text();
    if let Some((first, last)) = anchor.validity() {
        let valid = check::validity(first, last, then.at);
        note(position, subject, valid.map(|()| None), findings);
    }
    let judged = check::judge_anchor(verifier, then, then.purpose, index, anchor);
    note(position, subject, judged, findings);
}

fn note(
    position: Position,
    subject: impl Fn() -> String,
    result: Result<Option<Warning>, Reason>,
    findings: &mut Vec<Finding>,
) {
    let kind = match result {
        Ok(None) => return,
        Ok(Some(warning)) => FindingKind::Warned(warning),
        Err(reason) => FindingKind::Refused(reason),
    };
    findings.push(Finding {
        position,
        subject: subject(),
        kind,
    });
}
