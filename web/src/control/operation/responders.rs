//! Edge responders.

use kasane_ca_core::Actor;
use kasane_verify::UnixTime;

use super::crl::after_revocation;
use crate::control::{
    Context, Problem, ResponderEnrol, ResponderEnrolled, ResponderRemove, ResponderRemoved,
    ResponderView, Responders,
};

pub(in crate::control) fn enrol(
    context: &Context,
    actor: &Actor,
    order: &ResponderEnrol,
) -> Result<ResponderEnrolled, Problem> {
    let authority = context.authority();
    let token = authority.enrol_responder(actor, &order.name, &order.url)?;
    Ok(ResponderEnrolled {
        name: order.name.clone(),
        token: token.as_str().to_owned(),
        ledger_key: authority.ledger_key().verifier().vkey(),
        status_url: authority.configuration().config().status_url.clone(),
    })
}

pub(in crate::control) fn list(context: &Context) -> Result<Responders, Problem> {
    let authority = context.authority();
    let size = authority.ledger().size();
    let view = |row: kasane_ca_core::projection::responder::ResponderRow| {
        let seen = context.followers().seen(&row.name);
        ResponderView {
            name: row.name,
            url: row.url,
            enrolled: UnixTime::from_seconds(row.enrolled),
            removed: row.removed.map(UnixTime::from_seconds),
            seen: seen.map(|seen| seen.at),
            missing_entries: seen.map(|seen| size.saturating_sub(seen.entries)),
            entries: seen.map(|seen| seen.entries),
            signatures: row.signatures,
        }
    };
    let rows = authority.responders()?;
    Ok(Responders {
        responders: rows.into_iter().map(view).collect(),
    })
}

pub(in crate::control) fn remove(
    context: &Context,
    actor: &Actor,
    order: &ResponderRemove,
) -> Result<ResponderRemoved, Problem> {
    let revoked = context
        .authority()
        .remove_responder(actor, &order.name, &order.reason)?;
    // What cannot be published now is by the next sweep: a signer has no CRL that it names.
    let crls = revoked
        .iter()
        .filter_map(|key| after_revocation(context, &key.issuer, &key.serial).ok())
        .collect();
    Ok(ResponderRemoved {
        name: order.name.clone(),
        revoked: revoked.iter().map(|key| hex::encode(&key.serial)).collect(),
        crls,
    })
}
