//! Verifying a chain under the dated policy and this authority's records.

use std::sync::Arc;

use der::asn1::ObjectIdentifier;
use kasane_ca_core::Authority;
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::profile::Profiles;
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::path::{
    DatedPolicy, PolicySet, Position, Purpose, Question, TrustAnchor, VerifiedPath, Verifier,
};
use kasane_verify::pem;
use kasane_verify::policy::{Class, Timeline};
use kasane_verify::revocation::RevocationRules;

use super::revocation::{self, Revocation};
use crate::control::{
    ExitClass, PathElement, Problem, Verified, Verify, VerifyPurpose, VerifyWarning,
};

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
    /// Whose records tell what is revoked.
    pub records: Option<&'a Authority>,
}

pub(in crate::control) fn verify(
    authority: &Authority,
    question: &Verify,
) -> Result<Verified, Problem> {
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
        },
        question,
    )
}

/// Verifies a chain: its path, purpose and names, every key and signature by the dated policy, and
/// revocation by the records, if any.
///
/// # Errors
/// [`ExitClass::Negative`] with the most telling reason when there is no trusted path, or when a
/// certificate of it is revoked; [`ExitClass::Refused`] when something cannot be read.
pub fn verify_chain(grounds: &Grounds<'_>, question: &Verify) -> Result<Verified, Problem> {
    let chain = read_pem(&question.chain_pem)?;
    if chain.is_empty() {
        let message = "chain is refused: it holds no certificate";
        return Err(Problem::argument(message));
    }
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
        .map(|der| Certificate::from_der(der).map_err(|it| refused(it.code(), it)))
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
        .map_err(|error| refused(error.code(), error))?;
    let class = class_of(grounds.profiles, end_entity);
    let purpose = question
        .purpose
        .map_or_else(|| purpose_of(class), Into::into);
    let at = question.at.unwrap_or(grounds.now);
    let policy = DatedPolicy::online(grounds.timeline, class);
    let asked = Question::new(end_entity, intermediates, at, purpose);
    // Status comes from the ledger's own records, below.
    let path = Verifier::new(grounds.crypto, &anchors, &policy)
        .with_revocation(RevocationRules::dangerously_unchecked())
        .verify(&asked)
        .map_err(|error| Problem::new(ExitClass::Negative, error.code(), error.to_string()))?;
    let below: Vec<_> = path
        .positions()
        .iter()
        .filter_map(|position| match position {
            Position::EndEntity => certificates.first(),
            Position::Intermediate(index) => certificates.get(index + 1),
            Position::Anchor(_) => None,
        })
        .collect();
    let checked = match (grounds.records, anchors_der.get(path.anchor())) {
        (Some(records), Some(anchor)) => revocation::check(records, &below, anchor)?,
        _ => Revocation::NotChecked,
    };
    let anchor = anchors.get(path.anchor());
    Ok(view(
        grounds.timeline,
        class,
        &below,
        anchor,
        &path,
        checked,
    ))
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

impl From<VerifyPurpose> for Purpose {
    fn from(purpose: VerifyPurpose) -> Self {
        match purpose {
            VerifyPurpose::Client => Self::ClientAuth,
            VerifyPurpose::Server => Self::ServerAuth,
            VerifyPurpose::Ocsp => Self::OcspSigning,
            VerifyPurpose::Any => Self::Any,
        }
    }
}

fn view(
    timeline: &Timeline,
    class: Class,
    below: &[&Certificate<'_>],
    anchor: Option<&TrustAnchor>,
    verified: &VerifiedPath,
    revocation: Revocation,
) -> Verified {
    let mut path: Vec<_> = below
        .iter()
        .map(|certificate| PathElement {
            subject: certificate.subject().to_string(),
            serial: Some(certificate.serial_hex()),
            not_after: Some(certificate.not_after()),
        })
        .collect();
    path.extend(anchor.map(|anchor| PathElement {
        subject: anchor.subject_text(),
        serial: None,
        not_after: None,
    }));
    let phase = timeline.phase_at(verified.at());
    Verified {
        at: verified.at(),
        phase: phase.id().to_owned(),
        phase_title: phase.title().en.clone(),
        policy: timeline.name().to_owned(),
        shift_days: timeline.shift_days(),
        purpose: verified.purpose().to_string(),
        class,
        identity: verified.identity().map(str::to_owned),
        key: verified.key(),
        path,
        policies: match verified.policies() {
            PolicySet::Any => vec!["any".to_owned()],
            PolicySet::Only(policies) => policies.iter().map(ToString::to_string).collect(),
        },
        revocation: revocation.as_str().to_owned(),
        warnings: verified
            .warnings()
            .iter()
            .map(|warning| VerifyWarning {
                subject: warning.subject.clone(),
                rule: warning.notice.code.clone(),
                reason: warning.notice.text.clone(),
            })
            .collect(),
    }
}

fn read_pem(text: &str) -> Result<Vec<Vec<u8>>, Problem> {
    pem::certificates(text.as_bytes()).map_err(|error| refused(error.code(), error))
}

fn refused(code: &str, error: impl std::fmt::Display) -> Problem {
    Problem::new(ExitClass::Refused, code, error.to_string())
}
