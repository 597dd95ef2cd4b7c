//! What a certificate must fulfil by itself, whatever path it is on.

use super::anchor::Limits;
use super::hook::{Link, Verdict};
use super::{
    KeyUsageRule, Position, ProfileRule, Purpose, Question, Reason, TrustAnchor, Verifier, Warning,
    identity, profile,
};
use crate::certificate::{Certificate, KeyUsage, owned};
use crate::{KeyAlgorithm, UnixTime, oid};

/// Checks a candidate for issuing.
pub(super) fn issuer(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
    purpose: Purpose,
    position: Position,
    certificate: &Certificate<'_>,
) -> Result<Option<Warning>, Reason> {
    let extensions = certificate.extensions();
    // RFC 5280 §6.1.4 (k): version 3 was checked when parsing.
    if !certificate.is_ca() {
        return Err(Reason::NotACa);
    }
    signs_certificates(extensions.key_usage)?;
    common(question, certificate)?;
    // Nested, as every large user of it does (RFC 5280 leaves it open); a delegated OCSP signer's
    // purpose comes from its issuer alone (RFC 6960 §4.2.2.2).
    if purpose != Purpose::OcspSigning
        && let (Some(oid), Some(usage)) = (purpose.oid(), extensions.extended_key_usage)
        && !usage.contains(oid)
        && !usage.contains(oid::ANY_EXTENDED_KEY_USAGE)
    {
        return Err(Reason::ExtendedKeyUsage { purpose });
    }
    if question.profile == ProfileRule::Rfc5280 {
        profile::authority(certificate)?;
    }
    judge(verifier, question, purpose, position, certificate)
}

/// Checks the end entity.
pub(super) fn end_entity(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
) -> Result<(KeyAlgorithm, Option<Warning>), Reason> {
    let certificate = question.end_entity;
    common(question, certificate)?;
    let extensions = certificate.extensions();
    let purpose = question.purpose;
    if let Some(oid) = purpose.oid() {
        let allowed = match extensions.extended_key_usage {
            Some(usage) => {
                usage.contains(oid)
                    || (purpose != Purpose::OcspSigning
                        && usage.contains(oid::ANY_EXTENDED_KEY_USAGE))
            }
            // RFC 5280 §4.2.1.12: no restriction; RFC 6960 §4.2.2.2: must be there.
            None => purpose != Purpose::OcspSigning,
        };
        if !allowed {
            return Err(Reason::ExtendedKeyUsage { purpose });
        }
    }
    if question.profile == ProfileRule::Rfc5280 {
        profile::end_entity(certificate)?;
    }
    if question.key_usage == KeyUsageRule::ForPurpose
        && let Some(usage) = extensions.key_usage
    {
        // The key usages that RFC 5280 §4.2.1.12 calls consistent with each purpose.
        let (allowed, needed) = match purpose {
            Purpose::Any => (true, ""),
            Purpose::CrlSigning => (usage.crl_sign(), "cRLSign"),
            Purpose::ClientAuth => (
                usage.digital_signature() || usage.key_agreement(),
                "digitalSignature",
            ),
            Purpose::ServerAuth => (
                usage.digital_signature() || usage.key_encipherment() || usage.key_agreement(),
                "digitalSignature",
            ),
            Purpose::OcspSigning => (
                usage.digital_signature() || usage.non_repudiation(),
                "digitalSignature",
            ),
        };
        if !allowed {
            return Err(Reason::KeyUsage { needed });
        }
    }
    for expected in &question.names {
        identity::check(certificate, *expected)?;
    }
    judge_key(
        verifier,
        question,
        purpose,
        Position::EndEntity,
        certificate,
    )
}

/// Checks a certificate whose key signs CRLs (RFC 5280 §6.3.3 (f)); it need not be a CA's.
pub(super) fn crl_signer(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
    position: Position,
    certificate: &Certificate<'_>,
) -> Result<Option<Warning>, Reason> {
    common(question, certificate)?;
    let usage = certificate.extensions().key_usage;
    if usage.is_some_and(|usage| !usage.crl_sign()) {
        return Err(Reason::KeyUsage { needed: "cRLSign" });
    }
    judge(
        verifier,
        question,
        Purpose::CrlSigning,
        position,
        certificate,
    )
}

/// Checks an anchor against its own certificate, and lets the policy judge it. `below` is the number
/// of non-self-issued CA certificates of the path.
pub(super) fn anchor(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
    purpose: Purpose,
    index: usize,
    anchor: &TrustAnchor,
    below: u32,
) -> Result<Option<Warning>, Reason> {
    if let Some(limits) = &anchor.limits {
        own_limits(limits, question.at, below)?;
        if question.profile == ProfileRule::Rfc5280 {
            profile::anchor(&limits.der)?;
        }
    }
    judge_anchor(verifier, question, purpose, index, anchor)
}

/// What the policy says of an anchor.
pub(super) fn judge_anchor(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
    purpose: Purpose,
    index: usize,
    anchor: &TrustAnchor,
) -> Result<Option<Warning>, Reason> {
    let Some(subject) = anchor.subject() else {
        return Ok(None);
    };
    let link = Link {
        position: Position::Anchor(index),
        subject,
        key: anchor.key().algorithm(),
        signature: None,
        certificate: None,
        purpose,
        at: question.at,
    };
    weigh(verifier, &link)
}

fn own_limits(limits: &Limits, at: UnixTime, below: u32) -> Result<(), Reason> {
    validity(limits.not_before, limits.not_after, at)?;
    if let Some(extension) = limits.unknown_critical {
        return Err(Reason::UnknownCritical(extension));
    }
    let basic = limits
        .basic_constraints
        .filter(|it| it.ca)
        .ok_or(Reason::NotACa)?;
    signs_certificates(limits.key_usage)?;
    path_length(basic.path_len, below)
}

/// RFC 5280 §6.1.4 (l), (m).
pub(super) fn path_length(allowed: Option<u32>, found: u32) -> Result<(), Reason> {
    match allowed {
        Some(allowed) if found > allowed => Err(Reason::PathLength { allowed, found }),
        _ => Ok(()),
    }
}

/// RFC 5280 §6.1.4 (n).
fn signs_certificates(usage: Option<KeyUsage>) -> Result<(), Reason> {
    if usage.is_some_and(|usage| !usage.key_cert_sign()) {
        return Err(Reason::KeyUsage {
            needed: "keyCertSign",
        });
    }
    Ok(())
}

fn common(question: &Question<'_>, certificate: &Certificate<'_>) -> Result<(), Reason> {
    if let Some(extension) = certificate.extensions().unknown_critical {
        return Err(Reason::UnknownCritical(owned(extension)));
    }
    validity(
        certificate.not_before(),
        certificate.not_after(),
        question.at,
    )
}

pub(super) fn validity(
    not_before: UnixTime,
    not_after: UnixTime,
    at: UnixTime,
) -> Result<(), Reason> {
    if at < not_before {
        return Err(Reason::NotYetValid { not_before, at });
    }
    if at > not_after {
        return Err(Reason::Expired { not_after, at });
    }
    Ok(())
}

/// What the policy says of a certificate.
pub(super) fn judge(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
    purpose: Purpose,
    position: Position,
    certificate: &Certificate<'_>,
) -> Result<Option<Warning>, Reason> {
    judge_key(verifier, question, purpose, position, certificate).map(|(_, warning)| warning)
}

/// The same, and what key the certificate has.
fn judge_key(
    verifier: &Verifier<'_>,
    question: &Question<'_>,
    purpose: Purpose,
    position: Position,
    certificate: &Certificate<'_>,
) -> Result<(KeyAlgorithm, Option<Warning>), Reason> {
    let key = certificate
        .public_key_info()
        .map_err(Reason::Key)?
        .algorithm();
    if matches!(key, KeyAlgorithm::Rsa { bits } if bits < 2048) {
        return Err(Reason::WeakKey(key));
    }
    let link = Link {
        position,
        subject: certificate.subject(),
        key,
        signature: Some(
            certificate
                .signature_algorithm()
                .map_err(Reason::Algorithm)?,
        ),
        certificate: Some(certificate),
        purpose,
        at: question.at,
    };
    Ok((key, weigh(verifier, &link)?))
}

fn weigh(verifier: &Verifier<'_>, link: &Link<'_>) -> Result<Option<Warning>, Reason> {
    match verifier.policy.judge(link) {
        Verdict::Accept => Ok(None),
        Verdict::Warn(notice) => Ok(Some(Warning {
            position: link.position,
            subject: link.subject.to_string(),
            notice,
        })),
        Verdict::Refuse(notice) => Err(Reason::Policy(notice)),
    }
}
