//! Verifying a chain under the dated policy, by evidence or by this authority's records.

mod ask;
mod records;
mod view;

use std::sync::Arc;

use der::asn1::ObjectIdentifier;
use kasane_ca_core::Authority;
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::profile::Profiles;
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::path::{
    DatedPolicy, PathError, Purpose, Question, Reason, Step, TrustAnchor, VerifiedPath, Verifier,
};
use kasane_verify::pem;
use kasane_verify::policy::{Class, Timeline};
use kasane_verify::revocation::{Evidence, Requirement, RevocationRequest, RevocationRules};

use self::records::Unfit;
use self::view::Case;
use crate::control::{ExitClass, Problem, RevocationMode, Verify, VerifyReport};

/// What a verification rests on.
pub struct Grounds<'a> {
    /// The dated policy.
    pub timeline: &'a Timeline,
    /// What tells the class of an end entity by its certificate policy.
    pub profiles: &'a Profiles,
    /// What verifies signatures.
    pub crypto: &'a dyn CryptoProvider,
    /// What is trusted when the question does not say, DER.
    pub roots: Vec<Vec<u8>>,
    /// CA certificates that may stand between when the question names no anchors, DER.
    pub known: Vec<Vec<u8>>,
    /// The time when the question does not say.
    pub now: UnixTime,
    /// Whose records tell what is revoked when the question does not ask for evidence.
    pub records: Option<&'a Authority>,
    /// Evidence beside the question's.
    pub evidence: Vec<Evidence>,
}

pub(in crate::control) fn verify(
    authority: &Authority,
    question: &Verify,
) -> Result<VerifyReport, Problem> {
    let (roots, others): (Vec<_>, Vec<_>) = authority
        .issuers()
        .into_iter()
        .partition(|issuer| issuer.is_root());
    let der = |issuer: &Arc<Issuer>| issuer.certificate_der.clone();
    let mut known: Vec<_> = others.iter().map(der).collect();
    known.extend(authority.cross_certificates()?);
    let roots = roots.iter().map(der).collect();
    verify_chain(
        &Grounds {
            timeline: authority.timeline(),
            profiles: authority.profiles(),
            crypto: authority.crypto(),
            roots,
            known,
            now: authority.now(),
            records: Some(authority),
            evidence: Vec::new(),
        },
        question,
    )
}

/// Verifies a chain: its path, purpose and names, every key and signature by the dated policy, and
/// revocation by evidence or by the records. A chain that is not trusted is an answer too.
///
/// # Errors
/// [`ExitClass::Refused`] when something cannot be read.
pub fn verify_chain(grounds: &Grounds<'_>, question: &Verify) -> Result<VerifyReport, Problem> {
    let chain = read_pem(&question.chain_pem)?;
    // Under this authority's own roots its own CAs are known; under other anchors the chain stands
    // for itself.
    let known: &[Vec<u8>] = if question.anchors_pem.is_none() {
        &grounds.known
    } else {
        &[]
    };
    let certificates = chain
        .iter()
        .chain(known)
        .map(|der| Certificate::from_der(der).map_err(|it| unreadable(it.code(), it)))
        .collect::<Result<Vec<_>, _>>()?;
    let Some((end_entity, intermediates)) = certificates.split_first() else {
        return Err(Problem::argument("chain is refused: it is empty"));
    };
    let anchors_der = match &question.anchors_pem {
        Some(text) => read_pem(text)?,
        None => grounds.roots.clone(),
    };
    let anchors = anchors_der
        .iter()
        .map(|der| TrustAnchor::from_certificate(der, grounds.crypto))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unreadable(error.code(), error))?;
    let class = class_of(grounds.profiles, end_entity);
    let purpose = question
        .purpose
        .map_or_else(|| purpose_of(class), Into::into);
    let at = question.at.unwrap_or(grounds.now);
    let policy = DatedPolicy::online(grounds.timeline, class);

    let mut evidence = grounds.evidence.clone();
    evidence.extend(ask::evidence(question)?);
    let by_records = question.revocation.is_none()
        && question.emergency.is_none()
        && evidence.is_empty()
        && grounds.records.is_some();
    let mode = match question.revocation {
        // Status comes from the records, below.
        None if by_records => RevocationMode::Off,
        mode => mode.unwrap_or_default(),
    };
    let rules = ask::rules(mode, question);
    let verifier = Verifier::new(grounds.crypto, &anchors, &policy).with_revocation(rules.clone());
    let mut asked = Question::new(end_entity, intermediates, at, purpose)
        .with_policies(ask::policies(question)?)
        .with_evidence(&evidence);
    asked.names = ask::names(question)?;
    asked.profile = ask::profile(question);

    let case = Case {
        timeline: grounds.timeline,
        class,
        certificates: &certificates,
        anchors: &anchors,
    };
    if let Some(date) = question.dry_run {
        return Ok(dry_run(&case, &verifier, &asked, date, question.explain));
    }
    // Told first: afterwards the signatures of evidence are known and would not be counted.
    let mut report = VerifyReport::default();
    if question.explain {
        report.explanation = Some(case.explanation(&verifier.explain(&asked, None)));
    }
    let (result, needed) = search(&verifier, &rules, &asked);
    let path = match result {
        Ok(path) => path,
        Err(error) => {
            report.missing = case.missing(&needed);
            report.refusal = Some(view::refusal(&error, &report.missing));
            return Ok(report);
        }
    };
    let mut verified = case.verified(&path, mode);
    let tolerated: Vec<_> = path.tolerated().map(|(position, _)| position).collect();
    let needed: Vec<_> = needed
        .into_iter()
        .filter(|it| tolerated.contains(&it.position))
        .collect();
    report.missing = case.missing(&needed);
    if let Some(records) = grounds.records.filter(|_| by_records)
        && let Some(anchor) = anchors_der.get(path.anchor())
    {
        match records::check(records, &case.below(&path), anchor) {
            Ok(found) => verified.revocation = found.as_str().to_owned(),
            Err(Unfit::Problem(problem)) => return Err(problem),
            Err(Unfit::Refused(refusal)) => {
                report.refusal = Some(*refusal);
                return Ok(report);
            }
        }
    }
    report.verified = Some(verified);
    Ok(report)
}

/// The result, and the evidence that it lacks: of a refused path all of it, not only what the search
/// met first.
fn search(
    verifier: &Verifier<'_>,
    rules: &RevocationRules,
    asked: &Question<'_>,
) -> (Result<VerifiedPath, PathError>, Vec<RevocationRequest>) {
    let (result, needed) = run(verifier, asked);
    let lacks = |error: &PathError| matches!(*error.reason, Reason::StatusUnavailable { .. });
    if !result.as_ref().is_err_and(lacks) {
        return (result, needed);
    }
    let rules = RevocationRules {
        end_entity: Requirement::SoftFail,
        intermediates: Requirement::SoftFail,
        ..rules.clone()
    };
    let (_, all) = run(&verifier.clone().with_revocation(rules), asked);
    (result, all)
}

fn run(
    verifier: &Verifier<'_>,
    asked: &Question<'_>,
) -> (Result<VerifiedPath, PathError>, Vec<RevocationRequest>) {
    let mut verification = verifier.begin(asked);
    let mut needed: Vec<RevocationRequest> = Vec::new();
    loop {
        match verification.advance() {
            Step::Verified(path) => return (Ok(*path), needed),
            Step::Refused(error) => return (Err(error), needed),
            Step::NeedsRevocation(request) => {
                needed.push(*request);
                verification.unavailable();
            }
        }
    }
}

fn dry_run(
    case: &Case<'_>,
    verifier: &Verifier<'_>,
    asked: &Question<'_>,
    date: UnixTime,
    explain: bool,
) -> VerifyReport {
    let unchecked = verifier
        .clone()
        .with_revocation(RevocationRules::dangerously_unchecked());
    let today = unchecked.verify(asked);
    let then = unchecked.dry_run(asked, date);
    let explanation = explain.then(|| {
        let asked = Question {
            at: date,
            ..asked.clone()
        };
        case.explanation(&unchecked.explain(&asked, None))
    });
    VerifyReport {
        refusal: then.result.as_ref().err().map(|it| view::refusal(it, &[])),
        dry_run: Some(case.dry_run(&then, today.as_ref())),
        explanation,
        ..VerifyReport::default()
    }
}

/// The class of a certificate: its profile's, found by its certificate policy; else what its form
/// says.
fn class_of(profiles: &Profiles, certificate: &Certificate<'_>) -> Class {
    if certificate.is_ca() {
        return Class::Ca;
    }
    let extensions = certificate.extensions();
    let usage = extensions.extended_key_usage.as_ref();
    let says =
        |name: &str| usage.is_some_and(|usage| usage.iter().any(|oid| oid.to_string() == name));
    if says("1.3.6.1.5.5.7.3.9") {
        return Class::Status;
    }
    let by_policy = extensions
        .certificate_policies
        .iter()
        .flat_map(|policies| policies.iter())
        .find_map(|oid| {
            ObjectIdentifier::try_from(oid)
                .ok()
                .and_then(|oid| profiles.policy_owner(oid))
        })
        .map(|(profile, _)| profile.class());
    by_policy.unwrap_or_else(|| {
        if says("1.3.6.1.5.5.7.3.1") {
            Class::Server
        } else {
            Class::Terminal
        }
    })
}

/// What certificates of a class are for.
const fn purpose_of(class: Class) -> Purpose {
    match class {
        Class::Ca | Class::Probe => Purpose::Any,
        Class::Status => Purpose::OcspSigning,
        Class::Server => Purpose::ServerAuth,
        Class::Operator | Class::SystemClient | Class::Terminal => Purpose::ClientAuth,
    }
}

fn read_pem(text: &str) -> Result<Vec<Vec<u8>>, Problem> {
    pem::certificates(text.as_bytes()).map_err(|error| unreadable(error.code(), error))
}

fn unreadable(code: &str, error: impl std::fmt::Display) -> Problem {
    Problem::new(ExitClass::Refused, code, error.to_string())
}
