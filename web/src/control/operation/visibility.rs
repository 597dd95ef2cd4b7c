//! Who answers for status, and what whoever asks them needs.

use super::certificates::{find, revocation_view};
use crate::control::describe::certificate_pem;
use crate::control::{
    Context, Problem, StatusEndpoints, VisibilityPlan, VisibilityPlanned, WatchedCertificate,
    WatchedName,
};
use crate::visibility::roster_of;

/// Certificates of one question.
const MOST_WATCHED: usize = 100;

pub(in crate::control) fn endpoints(context: &Context) -> Result<StatusEndpoints, Problem> {
    let (followers, endpoints) = (context.followers(), context.endpoints());
    Ok(StatusEndpoints {
        roster: roster_of(context.authority(), followers, endpoints)?,
        is_served: context.is_served(),
    })
}

pub(in crate::control) fn plan(
    context: &Context,
    question: &VisibilityPlan,
) -> Result<VisibilityPlanned, Problem> {
    if question.certificates.len() > MOST_WATCHED {
        let message = format!("certificates are refused: at most {MOST_WATCHED} at a time");
        return Err(Problem::argument(message));
    }
    let watched = |name: &WatchedName| watched(context, name);
    let certificates: Result<_, _> = question.certificates.iter().map(watched).collect();
    Ok(VisibilityPlanned {
        certificates: certificates?,
        responders: endpoints(context)?,
    })
}

fn watched(context: &Context, name: &WatchedName) -> Result<WatchedCertificate, Problem> {
    let authority = context.authority();
    let found = find(authority, &name.serial, name.issuer.as_deref())?;
    let issuer = authority.issuer(&found.key.issuer)?;
    let pem = found.der.as_deref().map(certificate_pem).transpose()?;
    Ok(WatchedCertificate {
        serial: hex::encode(&found.key.serial),
        pem: pem.unwrap_or_default(),
        issuer_pem: certificate_pem(&issuer.certificate_der)?,
        revocation: found.row.revocation.as_ref().map(revocation_view),
        issuer: found.key.issuer,
    })
}
