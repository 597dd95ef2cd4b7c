//! Issuing and renewing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kasane_ca_core::authority::IssueOrder;
use kasane_ca_core::pipeline::Issued;
use kasane_ca_core::registration::Identity;
use kasane_ca_core::request::EnrolmentRequest;
use kasane_ca_core::{Authority, Error, Requester};

use super::certificates::{chain_pem, find};
use crate::control::describe::certificate_pem;
use crate::control::{Issue, IssuedCertificate, Problem, Renew};

pub(in crate::control) fn issue(
    authority: &Authority,
    requester: &Requester,
    order: Issue,
) -> Result<IssuedCertificate, Problem> {
    let identity = parse_identity(authority, &order.identity)?;
    let request = parse_request(authority, &order.csr_base64)?;
    let issued = authority.issue(
        requester,
        IssueOrder {
            profile: order.profile,
            identity,
            request,
            request_key: order.request_key,
            renews: None,
        },
    )?;
    view(authority, &issued)
}

pub(in crate::control) fn renew(
    authority: &Authority,
    requester: &Requester,
    order: Renew,
) -> Result<IssuedCertificate, Problem> {
    let found = find(authority, &order.serial, order.issuer.as_deref())?;
    let identity = parse_identity(authority, &found.row.subject)?;
    let request = parse_request(authority, &order.csr_base64)?;
    let issued = authority.issue(
        requester,
        IssueOrder {
            profile: order.profile.unwrap_or(found.row.profile),
            identity,
            request,
            request_key: order.request_key,
            renews: Some(found.key),
        },
    )?;
    view(authority, &issued)
}

fn parse_identity(authority: &Authority, text: &str) -> Result<Identity, Problem> {
    let check_digit = authority.configuration().check_digit();
    Ok(Identity::parse(text, check_digit).map_err(Error::from)?)
}

fn parse_request(authority: &Authority, base64: &str) -> Result<EnrolmentRequest, Problem> {
    let input = STANDARD
        .decode(base64)
        .map_err(|_| Problem::argument("csr_base64 is refused: it is not base64"))?;
    Ok(authority.read_request(&input)?)
}

fn view(authority: &Authority, issued: &Issued) -> Result<IssuedCertificate, Problem> {
    Ok(IssuedCertificate {
        issuer: issued.issuer.clone(),
        serial: hex::encode(&issued.serial),
        profile: issued.profile.clone(),
        subject: issued.subject.clone(),
        not_after: issued.not_after,
        record: issued.record,
        outcome: issued.outcome,
        pem: certificate_pem(&issued.der)?,
        chain_pem: chain_pem(authority, &issued.issuer)?,
    })
}
