//! What a response says about a certificate, and whether it may be believed.

#[cfg(test)]
mod tests;

use const_oid::ObjectIdentifier;
use der::Encode;

use crate::certificate::Certificate;
use crate::crypto::{CryptoProvider, PublicKey};
use crate::name::Name;
use crate::ocsp::{
    BasicOcspResponse, CertStatus, Nonce, OcspError, OcspResponse, ResponderId, SingleResponse,
    check_extensions,
};
use crate::{UnixTime, oid};

use crate::path::{Budget, PathPolicy, Purpose, Question, TrustAnchor, Verifier};
use crate::revocation::{Freshness, RevocationRules, Status};

/// Extensions of a response that are understood: the nonce, and the responder's claim to answer
/// "revoked" for what was never issued (RFC 6960 §4.4.8).
const RESPONSE_EXTENSIONS: [ObjectIdentifier; 2] = [Nonce::OID, oid::EXTENDED_REVOKE];

/// Extensions of an answer that are understood: they say nothing against it. RFC 6960 §4.4.2, §4.4.4,
/// RFC 6962 §3.3.
const SINGLE_EXTENSIONS: [ObjectIdentifier; 3] =
    [oid::CRL_REFERENCES, oid::ARCHIVE_CUTOFF, oid::OCSP_SCT_LIST];

/// Seconds that clocks of client and responder may differ.
const CLOCK_SKEW_SECONDS: i64 = 300;

/// The CA that issued the certificate in question, as its verified path gave it.
#[derive(Clone, Copy, Debug)]
pub struct OcspIssuer<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its key in DER.
    pub spki: &'a [u8],
    /// The same key, parsed.
    pub key: &'a dyn PublicKey,
    /// First and last second of its certificate, in which responses are produced; none for an
    /// anchor without certificate.
    pub validity: Option<(UnixTime, UnixTime)>,
}

impl<'a> OcspIssuer<'a> {
    /// From an anchor; none when it lacks a name.
    #[must_use]
    pub fn from_anchor(anchor: &'a TrustAnchor) -> Option<Self> {
        Some(Self {
            name: anchor.subject()?,
            spki: anchor.spki(),
            key: anchor.key(),
            validity: anchor.validity(),
        })
    }

    /// From a CA certificate whose path was verified, and its parsed key.
    #[must_use]
    pub const fn from_certificate(certificate: &Certificate<'a>, key: &'a dyn PublicKey) -> Self {
        Self {
            name: certificate.subject(),
            spki: certificate.spki(),
            key,
            validity: Some((certificate.not_before(), certificate.not_after())),
        }
    }
}

/// How a response is judged.
#[derive(Clone, Debug)]
pub struct OcspRules<'a> {
    /// The instant in question.
    pub at: UnixTime,
    /// Whether it must be current.
    pub freshness: Freshness,
    /// Seconds since `thisUpdate` after which a response is stale, whatever its `nextUpdate`
    /// (RFC 6960 §3.2 leaves the age to the client).
    pub max_age_seconds: i64,
    /// The nonce that was sent, when the answer must repeat it.
    pub nonce: Option<&'a Nonce>,
    /// Judges the delegated signer's key and signature.
    pub policy: &'a dyn PathPolicy,
}

/// What a believed response says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspAnswer {
    /// The certificate's status.
    pub status: Status,
    /// When it was known.
    pub this_update: UnixTime,
    /// When there will be news at the latest.
    pub next_update: Option<UnixTime>,
    /// When the response was signed.
    pub produced_at: UnixTime,
}

/// Checks a response about `certificate`, issued by `issuer`: that it is genuine (signed by the
/// issuer, or by a signer to which the same key of the issuer delegated), about this certificate,
/// and current.
///
/// # Errors
/// When the response is unsuccessful, malformed, not about the certificate, not current, or not
/// genuine. A delegated signer's own revocation is not looked at here, where nothing but the response
/// is at hand: `id-pkix-ocsp-nocheck` and the short life of signers stand for it. A path's
/// verification asks its CRLs about a signer without nocheck.
pub fn check(
    crypto: &dyn CryptoProvider,
    response: &OcspResponse,
    certificate: &Certificate<'_>,
    issuer: &OcspIssuer<'_>,
    rules: &OcspRules<'_>,
) -> Result<OcspAnswer, OcspError> {
    check_within(crypto, response, certificate, issuer, rules, &mut Alone)
}

/// What surrounds a check: a budget, and what else is known about signers.
pub(crate) trait Surroundings {
    /// One signature check more; no when the budget is used up.
    fn spend_signature(&mut self) -> bool;

    /// Whether a delegated signer without `id-pkix-ocsp-nocheck` is known to be revoked.
    fn is_revoked(&mut self, signer: &Certificate<'_>) -> bool;
}

/// Nothing else is known, and one response costs little.
struct Alone;

impl Surroundings for Alone {
    fn spend_signature(&mut self) -> bool {
        true
    }

    fn is_revoked(&mut self, _: &Certificate<'_>) -> bool {
        false
    }
}

/// As [`check`], within a larger verification.
pub(crate) fn check_within(
    crypto: &dyn CryptoProvider,
    response: &OcspResponse,
    certificate: &Certificate<'_>,
    issuer: &OcspIssuer<'_>,
    rules: &OcspRules<'_>,
    around: &mut dyn Surroundings,
) -> Result<OcspAnswer, OcspError> {
    let basic = response.basic()?;
    check_extensions(
        basic.data.response_extensions.as_deref(),
        &RESPONSE_EXTENSIONS,
    )?;
    let single = matching(crypto, &basic, certificate, issuer)?;
    check_extensions(single.single_extensions.as_deref(), &SINGLE_EXTENSIONS)?;
    current(&basic, single, issuer, rules)?;
    if let Some(sent) = rules.nonce
        && basic.data.nonce()?.as_ref() != Some(sent)
    {
        return Err(OcspError::NonceMismatch);
    }
    genuine(crypto, &basic, issuer, rules, around)?;
    let status = match single.cert_status {
        CertStatus::Good(_) => Status::Good,
        CertStatus::Unknown(_) => Status::Unknown,
        CertStatus::Revoked(info) => Status::Revoked {
            date: info.revocation_time,
            reason: info.revocation_reason,
        },
    };
    Ok(OcspAnswer {
        status,
        this_update: single.this_update,
        next_update: single.next_update,
        produced_at: basic.data.produced_at,
    })
}

/// The answer for the certificate: the same certificate may be named once by each digest. Where
/// one of several answers is "revoked" it counts, since the others only say less; other
/// contradictions, and repetitions, are refused.
fn matching<'r>(
    crypto: &dyn CryptoProvider,
    basic: &'r BasicOcspResponse<'_>,
    certificate: &Certificate<'_>,
    issuer: &OcspIssuer<'_>,
) -> Result<&'r SingleResponse, OcspError> {
    if !issuer.name.matches(&certificate.issuer()) {
        return Err(OcspError::OtherIssuer);
    }
    // RFC 6960 §4.1.1: the name as the certificate in question has it.
    let name = certificate.issuer().der();
    let found = || {
        basic.data.responses.iter().filter(|it| {
            it.cert_id
                .matches(crypto, name, issuer.spki, certificate.serial())
        })
    };
    let mut rest = found();
    let first = rest.next().ok_or(OcspError::NotAboutCertificate)?;
    if let Some(revoked) = found().find(|it| matches!(it.cert_status, CertStatus::Revoked(_))) {
        return Ok(revoked);
    }
    for other in rest {
        if other.cert_status != first.cert_status {
            return Err(OcspError::Contradiction);
        }
        if other.cert_id.hash_algorithm.oid == first.cert_id.hash_algorithm.oid {
            return Err(OcspError::Repeated);
        }
    }
    Ok(first)
}

fn current(
    basic: &BasicOcspResponse<'_>,
    single: &SingleResponse,
    issuer: &OcspIssuer<'_>,
    rules: &OcspRules<'_>,
) -> Result<(), OcspError> {
    let at = rules.at;
    let latest = at.plus_seconds(CLOCK_SKEW_SECONDS);
    let produced_at = basic.data.produced_at;
    if single.this_update > latest || produced_at > latest {
        return Err(OcspError::NotYetCurrent {
            this_update: single.this_update,
            at,
        });
    }
    if single
        .next_update
        .is_some_and(|next| next < single.this_update)
    {
        return Err(OcspError::Period);
    }
    // Nobody answers for a CA before it begins or after it ends.
    if issuer
        .validity
        .is_some_and(|(first, last)| produced_at < first || produced_at > last)
    {
        return Err(OcspError::ProducedAt { produced_at });
    }
    if rules.freshness == Freshness::DangerouslyIgnored {
        return Ok(());
    }
    let aged = single.this_update.plus_seconds(rules.max_age_seconds);
    let until = single.next_update.map_or(aged, |next| next.min(aged));
    if at > until.plus_seconds(CLOCK_SKEW_SECONDS) {
        return Err(OcspError::Stale { until, at });
    }
    Ok(())
}

/// RFC 6960 §4.2.2.2: the issuer itself, or a certificate with OCSPSigning that it issued directly.
fn genuine(
    crypto: &dyn CryptoProvider,
    basic: &BasicOcspResponse<'_>,
    issuer: &OcspIssuer<'_>,
    rules: &OcspRules<'_>,
    around: &mut dyn Surroundings,
) -> Result<(), OcspError> {
    let id = &basic.data.responder_id;
    let verify = |key: &dyn PublicKey| {
        key.verify(basic.signature_algorithm, basic.tbs, basic.signature)
            .map_err(OcspError::Signature)
    };
    let mut reason = OcspError::UnknownResponder;
    if names(crypto, id, issuer.name, issuer.spki) {
        if !around.spend_signature() {
            return Err(OcspError::Budget);
        }
        match verify(issuer.key) {
            Ok(()) => return Ok(()),
            // A delegate may have its issuer's name.
            Err(error) => reason = error,
        }
    }
    for der in &basic.certificates {
        let Ok(signer) = Certificate::from_der(der) else {
            continue;
        };
        if !names(crypto, id, signer.subject(), signer.spki()) {
            continue;
        }
        // The issuer's over its certificate, and its own over the response.
        if !(around.spend_signature() && around.spend_signature()) {
            return Err(OcspError::Budget);
        }
        match delegated(crypto, &signer, issuer, rules)
            .and_then(|()| {
                crypto
                    .public_key(signer.spki())
                    .map_err(OcspError::Signature)
            })
            .and_then(|key| verify(&*key))
        {
            // RFC 6960 §4.2.2.2.1: without nocheck its status is the client's to look at.
            Ok(()) if !signer.extensions().ocsp_no_check && around.is_revoked(&signer) => {
                reason = OcspError::SignerRevoked;
            }
            Ok(()) => return Ok(()),
            Err(error) => reason = error,
        }
    }
    Err(reason)
}

/// Whether the issuer's key made `signer` an OCSP signer.
fn delegated(
    crypto: &dyn CryptoProvider,
    signer: &Certificate<'_>,
    issuer: &OcspIssuer<'_>,
    rules: &OcspRules<'_>,
) -> Result<(), OcspError> {
    let anchor = TrustAnchor::from_name_and_key(issuer.name.der(), issuer.spki, crypto)
        .map_err(|_| OcspError::UnknownResponder)?;
    let anchors = [anchor];
    // The issuer is judged with the path of the certificate in question, so only the signer is
    // judged here, directly below it and at the cost of one signature.
    let budget = Budget {
        signatures: 1,
        depth: 1,
        ..Budget::default()
    };
    // Its own revocation: see the errors of `check`.
    let verifier = Verifier::new(crypto, &anchors, rules.policy)
        .with_budget(budget)
        .with_revocation(RevocationRules::dangerously_unchecked());
    verifier
        .verify(&Question::new(signer, &[], rules.at, Purpose::OcspSigning))
        .map_err(|error| OcspError::Signer(Box::new(error)))?;
    Ok(())
}

fn names(crypto: &dyn CryptoProvider, id: &ResponderId, subject: Name<'_>, spki: &[u8]) -> bool {
    match id {
        ResponderId::ByName(name) => name
            .to_der()
            .is_ok_and(|der| Name::from_der(&der).is_ok_and(|name| name.matches(&subject))),
        ResponderId::ByKey(_) => {
            ResponderId::by_key(crypto, spki).is_ok_and(|expected| expected == *id)
        }
    }
}
