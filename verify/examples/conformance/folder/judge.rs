//! What the evidence of a case says: GOOD, REVOKED or UNKNOWN, and why.

use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::{CertificateScope, IndexedCrl};
use kasane_verify::crypto::{CryptoProvider, DigestAlgorithm};
use kasane_verify::ocsp::{self, CertId, OcspIssuer, OcspRequest, OcspResponse, OcspRules};
use kasane_verify::path::{
    AcceptAll, KeyUsageRule, Purpose, Question, Reason, TrustAnchor, Verifier,
};
use kasane_verify::revocation::{Evidence, Freshness, RevocationReason, RevocationRules, Status};

use super::{ANCHOR, Blocks, CERTIFICATE, CRL, Case, INTERMEDIATE, ISSUER, REQUEST, RESPONSE};

const GOOD: &str = "GOOD";
const REVOKED: &str = "REVOKED";
const UNKNOWN: &str = "UNKNOWN";

pub(super) fn judge(
    case: &Case,
    blocks: &Blocks,
    at: UnixTime,
    max_age_seconds: Option<i64>,
    crypto: &dyn CryptoProvider,
) -> (&'static str, String) {
    let result = if blocks.contains_key(RESPONSE) {
        by_ocsp(blocks, at, max_age_seconds, crypto)
    } else if blocks.contains_key(ANCHOR) || blocks.contains_key(ISSUER) {
        by_path(blocks, at, crypto)
    } else {
        by_reading(case, blocks, at)
    };
    result.unwrap_or_else(|why| (UNKNOWN, why))
}

type Verdict = Result<(&'static str, String), String>;

fn first<'b>(blocks: &'b Blocks, label: &str) -> Result<&'b [u8], String> {
    let found = blocks.get(label).and_then(|it| it.first());
    found
        .map(Vec::as_slice)
        .ok_or_else(|| format!("the case has no {label}"))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn by_ocsp(
    blocks: &Blocks,
    at: UnixTime,
    max_age_seconds: Option<i64>,
    crypto: &dyn CryptoProvider,
) -> Verdict {
    let issuer = Certificate::from_der(first(blocks, ISSUER)?).map_err(text)?;
    let certificate = Certificate::from_der(first(blocks, CERTIFICATE)?).map_err(text)?;
    if let Ok(expected) = first(blocks, REQUEST) {
        let made = request(crypto, &issuer, &certificate)?;
        if made != expected {
            return Ok((
                "REQUEST",
                "our request differs from the one expected".to_owned(),
            ));
        }
    }
    let response = OcspResponse::parse(first(blocks, RESPONSE)?).map_err(text)?;
    let key = crypto.public_key(issuer.spki()).map_err(text)?;
    let rules = OcspRules {
        at,
        freshness: Freshness::Required,
        max_age_seconds: max_age_seconds.unwrap_or(i64::MAX),
        nonce: None,
        policy: &AcceptAll,
    };
    let by = OcspIssuer::from_certificate(&issuer, &*key);
    let answer = ocsp::check(crypto, &response, &certificate, &by, &rules).map_err(text)?;
    Ok(match answer.status {
        Status::Good => (GOOD, String::new()),
        Status::Revoked { date, .. } => (REVOKED, format!("since {date}")),
        Status::Unknown => (UNKNOWN, "the responder does not know it".to_owned()),
    })
}

fn request(
    crypto: &dyn CryptoProvider,
    issuer: &Certificate<'_>,
    certificate: &Certificate<'_>,
) -> Result<Vec<u8>, String> {
    let name = certificate.issuer().der();
    let (spki, serial) = (issuer.spki(), certificate.serial());
    let id = CertId::new(crypto, DigestAlgorithm::Sha1, name, spki, serial).map_err(text)?;
    let request = OcspRequest::new(vec![id], None).map_err(text)?;
    request.encode_der().map_err(text)
}

fn by_path(blocks: &Blocks, at: UnixTime, crypto: &dyn CryptoProvider) -> Verdict {
    let all = |label| blocks.get(label).map(Vec::as_slice).unwrap_or_default();
    let anchors = all(ANCHOR).iter().chain(all(ISSUER));
    let anchors = anchors
        .map(|der| TrustAnchor::from_certificate(der, crypto).map_err(text))
        .collect::<Result<Vec<_>, _>>()?;
    let intermediates = all(INTERMEDIATE)
        .iter()
        .map(|der| Certificate::from_der(der).map_err(text))
        .collect::<Result<Vec<_>, _>>()?;
    let evidence = all(CRL)
        .iter()
        .map(|der| IndexedCrl::from_der(der.clone()).map_err(text))
        .map(|crl| crl.map(|crl| Evidence::Crl(Arc::new(crl))))
        .collect::<Result<Vec<_>, _>>()?;
    let certificate = Certificate::from_der(first(blocks, CERTIFICATE)?).map_err(text)?;
    let mut question =
        Question::new(&certificate, &intermediates, at, Purpose::Any).with_evidence(&evidence);
    question.key_usage = KeyUsageRule::DangerouslyAny;
    let verifier =
        Verifier::new(crypto, &anchors, &AcceptAll).with_revocation(RevocationRules::default());
    match verifier.verify(&question) {
        Ok(_) => Ok((GOOD, String::new())),
        Err(error) => match *error.reason {
            Reason::Revoked { .. } => Ok((REVOKED, error.to_string())),
            _ => Err(error.to_string()),
        },
    }
}

/// Without an issuer nothing is genuine; what is left is whether the CRL can be used at all.
fn by_reading(case: &Case, blocks: &Blocks, at: UnixTime) -> Verdict {
    let crl = IndexedCrl::from_der(first(blocks, CRL)?.to_vec()).map_err(text)?;
    let list = crl.list();
    if let Some(extension) = list.unknown_critical() {
        return Err(format!("critical extension {extension} is not understood"));
    }
    if list.base_number().is_some() {
        return Err("a delta CRL needs its base".to_owned());
    }
    match list.next_update() {
        None => return Err("it has no next update".to_owned()),
        Some(_) if at < list.this_update() => return Err("it is not valid yet".to_owned()),
        Some(next) if at > next => return Err(format!("it was due to be renewed {next}")),
        Some(_) => {}
    }
    let scope = list.issuing_distribution_point();
    if scope.is_some_and(|it| it.scope == CertificateScope::Attributes) {
        return Err("it covers attribute certificates only".to_owned());
    }
    let some = scope.and_then(|it| it.reasons);
    let partial = some.is_some_and(|flags| {
        RevocationReason::ALL.into_iter().any(|reason| {
            use RevocationReason::{RemoveFromCrl, Unspecified};
            !matches!(reason, Unspecified | RemoveFromCrl) && !flags.contains(reason)
        })
    });
    let Some(serial) = &case.serial else {
        return match partial {
            true => Err("it covers some reasons only".to_owned()),
            false => Ok((GOOD, "lists nothing".to_owned())),
        };
    };
    let serial = hex::decode(serial).map_err(text)?;
    Ok(match crl.find(&serial).map_err(text)? {
        Some(_) => (REVOKED, "listed".to_owned()),
        None if partial => (UNKNOWN, "it covers some reasons only".to_owned()),
        None => (GOOD, "not listed".to_owned()),
    })
}
