//! Results as data.

use kasane_verify::certificate::Certificate;
use kasane_verify::path::{
    DryRun, Explanation, FindingKind, Node, NodeOutcome, PathError, PolicySet, Position,
    TrustAnchor, VerifiedPath,
};
use kasane_verify::policy::{Class, Timeline};
use kasane_verify::revocation::{Basis, RevocationRequest, StatusUsed, Tolerance};

use crate::control::{
    DryRunCertificate, DryRunFinding, DryRunVerdict, DryRunView, ExplanationNode,
    ExplanationOutcome, ExplanationRefusal, ExplanationView, MissingEvidence, PathElement, Refusal,
    RevocationMode, StatusBasis, StatusView, Verified, VerifyWarning,
};

/// What the positions of a result stand for.
pub(super) struct Case<'c> {
    pub(super) timeline: &'c Timeline,
    pub(super) class: Class,
    /// The end entity, then the intermediates.
    pub(super) certificates: &'c [Certificate<'c>],
    pub(super) anchors: &'c [TrustAnchor],
}

impl<'c> Case<'c> {
    fn certificate(&self, position: Position) -> Option<&'c Certificate<'c>> {
        match position {
            Position::EndEntity => self.certificates.first(),
            Position::Intermediate(index) => self.certificates.get(index.checked_add(1)?),
            Position::Anchor(_) => None,
        }
    }

    fn subject(&self, position: Position) -> String {
        match (position, self.certificate(position)) {
            (Position::Anchor(index), _) => self
                .anchors
                .get(index)
                .map(TrustAnchor::subject_text)
                .unwrap_or_default(),
            (_, Some(certificate)) => certificate.subject().to_string(),
            (_, None) => String::new(),
        }
    }

    fn serial(&self, position: Position) -> Option<String> {
        self.certificate(position).map(Certificate::serial_hex)
    }

    /// The certificates of a path below its anchor, end entity first.
    pub(super) fn below(&self, path: &VerifiedPath) -> Vec<&'c Certificate<'c>> {
        let positions = path.positions().iter();
        positions.filter_map(|it| self.certificate(*it)).collect()
    }

    fn path(&self, path: &VerifiedPath) -> Vec<PathElement> {
        let anchor = Position::Anchor(path.anchor());
        let positions = path.positions().iter().copied();
        positions
            .chain(std::iter::once(anchor))
            .map(|position| PathElement {
                subject: self.subject(position),
                serial: self.serial(position),
                not_after: self.certificate(position).map(Certificate::not_after),
            })
            .collect()
    }

    pub(super) fn verified(&self, path: &VerifiedPath, mode: RevocationMode) -> Verified {
        let phase = self.timeline.phase_at(path.at());
        let revocation = match mode {
            RevocationMode::Off => "not checked",
            _ if path.tolerated().next().is_some() => "unavailable and tolerated",
            _ => "good by the evidence given",
        };
        Verified {
            at: path.at(),
            phase: phase.id().to_owned(),
            phase_title: phase.title().en.clone(),
            phase_title_ja: phase.title().ja.clone(),
            policy: self.timeline.name().to_owned(),
            shift_days: self.timeline.shift_days(),
            purpose: path.purpose().to_string(),
            class: self.class,
            identity: path.identity().map(str::to_owned),
            key: path.key(),
            path: self.path(path),
            policies: match path.policies() {
                PolicySet::Any => vec!["any".to_owned()],
                PolicySet::Only(policies) => policies.iter().map(ToString::to_string).collect(),
            },
            revocation: revocation.to_owned(),
            status: path.statuses().iter().map(|it| self.status(it)).collect(),
            warnings: path
                .warnings()
                .iter()
                .map(|warning| VerifyWarning {
                    subject: warning.subject.clone(),
                    rule: warning.notice.code.clone(),
                    reason: warning.notice.text.clone(),
                    reason_ja: warning.notice.text_ja.clone(),
                })
                .collect(),
        }
    }

    fn status(&self, used: &StatusUsed) -> StatusView {
        let mut view = StatusView {
            position: used.position.to_string(),
            subject: self.subject(used.position),
            by: StatusBasis::NoCheck,
            this_update: None,
            next_update: None,
            crl_number: None,
            delta_number: None,
            emergency: None,
        };
        match &used.basis {
            Basis::Crl { complete, delta } => {
                view.by = StatusBasis::Crl;
                view.crl_number = complete.list().number().map(hex::encode);
                let delta = delta.as_ref().map(|it| it.list());
                view.delta_number = delta.and_then(|it| it.number()).map(hex::encode);
                let newest = delta.unwrap_or_else(|| complete.list());
                view.this_update = Some(newest.this_update());
                view.next_update = newest.next_update();
            }
            Basis::Ocsp {
                this_update,
                next_update,
                ..
            } => {
                view.by = StatusBasis::Ocsp;
                view.this_update = Some(*this_update);
                view.next_update = *next_update;
            }
            Basis::NoCheck => {}
            Basis::Unavailable(Tolerance::SoftFail) => view.by = StatusBasis::SoftFail,
            Basis::Unavailable(Tolerance::Emergency(name)) => {
                view.by = StatusBasis::Emergency;
                view.emergency = Some(name.clone());
            }
        }
        view
    }

    pub(super) fn missing(&self, requests: &[RevocationRequest]) -> Vec<MissingEvidence> {
        let mut found: Vec<MissingEvidence> = Vec::new();
        for request in requests {
            let position = request.position.to_string();
            // One certificate may have been tried under several issuers of the same name.
            if found.iter().any(|it| it.position == position) {
                continue;
            }
            let ocsp = request.ocsp.as_ref();
            let crls = || request.crls.iter();
            found.push(MissingEvidence {
                position,
                subject: request.subject.clone(),
                serial: request.serial.clone(),
                ocsp: ocsp.map(|it| it.uris.clone()).unwrap_or_default(),
                crl: distinct(crls().flat_map(|it| &it.uris)),
                delta: distinct(crls().flat_map(|it| &it.delta_uris)),
                problems: request.problems.clone(),
            });
        }
        found
    }

    pub(super) fn explanation(&self, explanation: &Explanation) -> ExplanationView {
        let statuses = explanation.result.as_ref().map(VerifiedPath::statuses);
        ExplanationView {
            root: self.node(&explanation.root, statuses.unwrap_or_default()),
            signatures: explanation.signatures,
            build_steps: explanation.build_steps,
            truncated: explanation.truncated,
        }
    }

    /// As deep as the budget lets paths be.
    fn node(&self, node: &Node, statuses: &[StatusUsed]) -> ExplanationNode {
        let (outcome, refused) = match &node.outcome {
            NodeOutcome::Accepted => (ExplanationOutcome::Accepted, None),
            NodeOutcome::NoPath => (ExplanationOutcome::NoPath, None),
            NodeOutcome::Refused {
                at,
                code,
                rule,
                text,
                text_ja,
            } => (
                ExplanationOutcome::Refused,
                Some(ExplanationRefusal {
                    at: at.to_string(),
                    code: (*code).to_owned(),
                    rule: (*rule).to_owned(),
                    text: text.clone(),
                    text_ja: text_ja.clone(),
                }),
            ),
        };
        let status = match outcome {
            ExplanationOutcome::Accepted => statuses.iter().find(|it| it.position == node.position),
            _ => None,
        };
        ExplanationNode {
            position: node.position.to_string(),
            subject: node.subject.clone(),
            serial: (!node.serial.is_empty()).then(|| node.serial.clone()),
            outcome,
            refused,
            status: status.map(|it| self.status(it)),
            issuers: node
                .issuers
                .iter()
                .map(|it| self.node(it, statuses))
                .collect(),
        }
    }

    pub(super) fn dry_run(
        &self,
        then: &DryRun,
        today: Result<&VerifiedPath, &PathError>,
    ) -> DryRunView {
        let phase = self.timeline.phase_at(then.at);
        let positions = match today {
            Ok(path) => {
                let anchor = Position::Anchor(path.anchor());
                let mut positions = path.positions().to_vec();
                positions.push(anchor);
                positions
            }
            Err(_) => vec![Position::EndEntity],
        };
        let certificates = positions.into_iter().map(|position| {
            let findings: Vec<_> = then
                .findings
                .iter()
                .filter(|it| it.position == position)
                .map(|it| finding(&it.kind))
                .collect();
            let worst = findings.iter().map(|it| it.verdict).max();
            DryRunCertificate {
                position: position.to_string(),
                subject: self.subject(position),
                serial: self.serial(position),
                verdict: worst.unwrap_or(DryRunVerdict::Passes),
                findings,
            }
        });
        DryRunView {
            at: then.at,
            phase: phase.id().to_owned(),
            phase_title: phase.title().en.clone(),
            phase_title_ja: phase.title().ja.clone(),
            passes: then.passes(),
            path: then
                .result
                .as_ref()
                .map(|it| self.path(it))
                .unwrap_or_default(),
            certificates: certificates.collect(),
            today: today.err().map(|error| refusal(error, &[])),
        }
    }
}

fn finding(kind: &FindingKind) -> DryRunFinding {
    match kind {
        FindingKind::Refused(reason) => DryRunFinding {
            verdict: DryRunVerdict::Refused,
            code: reason.code().to_owned(),
            text: reason.to_string(),
            text_ja: reason.text_ja(),
        },
        FindingKind::Warned(warning) => DryRunFinding {
            verdict: DryRunVerdict::Warned,
            code: warning.notice.code.clone(),
            text: warning.notice.text.clone(),
            text_ja: warning.notice.text_ja.clone(),
        },
    }
}

/// A refusal in words, with what would be needed instead.
pub(super) fn refusal(error: &PathError, missing: &[MissingEvidence]) -> Refusal {
    let mut message = error.to_string();
    let mut message_ja = error.text_ja();
    if error.code() == "path.status_unavailable" {
        for it in missing {
            let (subject, serial) = (&it.subject, &it.serial);
            let places = |or: &str| {
                let ocsp = it
                    .ocsp
                    .iter()
                    .map(|uri| format!("OCSP {}", uri.escape_debug()));
                let crls = it
                    .crl
                    .iter()
                    .map(|uri| format!("CRL {}", uri.escape_debug()));
                ocsp.chain(crls).collect::<Vec<_>>().join(or)
            };
            let (en, ja) = (places(" or "), places("または"));
            message.push_str(&match en.as_str() {
                "" => format!("; needed: a CRL of the issuer of {subject} (serial {serial})"),
                _ => format!("; needed: status of {subject} (serial {serial}) from {en}"),
            });
            message_ja.push_str(&match ja.as_str() {
                "" => format!("。{subject}（シリアル番号{serial}）の発行者のCRLが必要です"),
                _ => format!("。{subject}（シリアル番号{serial}）の失効状態が必要です：{ja}"),
            });
        }
    }
    Refusal {
        code: error.code().to_owned(),
        message,
        message_ja,
        position: Some(error.position.to_string()),
        subject: Some(error.subject.clone()),
        rule: Some(error.rule().to_owned()),
    }
}

fn distinct<'a>(uris: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for uri in uris {
        if !found.contains(uri) {
            found.push(uri.clone());
        }
    }
    found
}
