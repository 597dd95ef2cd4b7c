//! What OCSP and CRL say of a certificate, asked over HTTP.

use std::net::SocketAddr;

use kasane_ca_core::authority::Authority;
use kasane_ca_core::pipeline::Issued;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{self, CertId, OcspIssuer, OcspRequest, OcspResponse, OcspRules};
use kasane_verify::path::DatedPolicy;
use kasane_verify::policy::Class;
use kasane_verify::revocation::{self, CrlIssuer, Freshness, Status};

use super::QuickstartError;
use super::fetch::fetch;

/// What the two products say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// `good`, `revoked (reason)`, `unknown`.
    pub(super) ocsp: String,
    /// The same, by the CRL of the certificate's shard, with its number.
    pub(super) crl: String,
}

/// Asks both services about `issued`.
pub(super) async fn ask(
    authority: &Authority,
    issued: &Issued,
    service: SocketAddr,
) -> Result<Said, QuickstartError> {
    let issuer = authority.issuer(&issued.issuer)?;
    let certificate = Certificate::from_der(&issued.der).map_err(QuickstartError::unreadable)?;
    let ca = Certificate::from_der(&issuer.certificate_der).map_err(QuickstartError::unreadable)?;
    let key = authority
        .crypto()
        .public_key(ca.spki())
        .map_err(QuickstartError::unreadable)?;
    let now = authority.now();

    let subject = ca.subject().der();
    let id = CertId::new(
        &AwsLc,
        DigestAlgorithm::Sha256,
        subject,
        ca.spki(),
        &issued.serial,
    )
    .map_err(QuickstartError::unreadable)?;
    let request = OcspRequest::new(vec![id], None)
        .and_then(|request| request.encode_der())
        .map_err(QuickstartError::unreadable)?;
    let path = format!("/ocsp/{}", issued.issuer);
    let answer = fetch(service, &path, Some(("application/ocsp-request", request))).await?;
    let response = OcspResponse::parse(&answer).map_err(QuickstartError::unreadable)?;
    let policy = DatedPolicy::online(authority.timeline(), Class::Status);
    let rules = OcspRules {
        at: now,
        freshness: Freshness::Required,
        // The responses of the quickstart were just made.
        max_age_seconds: 48 * 60 * 60,
        nonce: None,
        policy: &policy,
    };
    let ocsp_issuer = OcspIssuer {
        name: ca.subject(),
        spki: ca.spki(),
        key: &*key,
        validity: Some((ca.not_before(), ca.not_after())),
    };
    let answer = ocsp::check(&AwsLc, &response, &certificate, &ocsp_issuer, &rules)
        .map_err(QuickstartError::unreadable)?;

    let shard = issuer.shard_of(&issued.serial);
    let path = format!("/crl/{}/{shard}.crl", issued.issuer);
    let der = fetch(service, &path, None).await?;
    let crl = CertificateList::from_der(&der).map_err(QuickstartError::unreadable)?;
    let crl_issuer = CrlIssuer::from_certificate(&ca, &*key);
    let listed = revocation::check_crl(&certificate, &crl_issuer, &crl, now, Freshness::Required)
        .map_err(QuickstartError::unreadable)?;
    let number = crl.number().map(hex::encode).unwrap_or_default();
    Ok(Said {
        ocsp: describe(answer.status),
        crl: format!(
            "{} (CRL number 0x{number}, shard {shard})",
            describe(listed)
        ),
    })
}

fn describe(status: Status) -> String {
    match status {
        Status::Good => "good".to_owned(),
        Status::Unknown => "unknown".to_owned(),
        Status::Revoked { date, reason: None } => format!("revoked {}", date.to_jst_string()),
        Status::Revoked {
            date,
            reason: Some(reason),
        } => {
            format!("revoked {} ({reason})", date.to_jst_string())
        }
    }
}
