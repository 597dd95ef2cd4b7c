//! Finding, listing and revoking certificates.

use kasane_ca_core::authority::{CertificateDetail, RevocationOrder, parse_reason, reason_name};
use kasane_ca_core::projection::certificate::{CertificateKey, CertificateRow, Revocation, State};
use kasane_ca_core::{Actor, Authority, Error};
use kasane_verify::UnixTime;
use kasane_verify::revocation::RevocationReason;

use super::crl::after_revocation;
use crate::control::describe::certificate_pem;
use crate::control::{
    CertificateState, CertificateSummary, CertificateView, Certificates, Context, CrlsPublished,
    List, Problem, RevocationView, Revoke, Revoked, Show, describe_certificate,
};

/// Most certificates of one answer.
const MAX_LISTED: u32 = 10_000;

/// CA certificates above another: more than any hierarchy has.
const MAX_CHAIN: usize = 8;

pub(in crate::control) fn revoke(
    context: &Context,
    actor: &Actor,
    order: &Revoke,
) -> Result<Revoked, Problem> {
    let authority = context.authority();
    let reason = parse_reason(&order.reason)?;
    let found = find(authority, &order.serial, order.issuer.as_deref())?;
    let revocation = authority.revoke(
        actor,
        &RevocationOrder {
            issuer: &found.key.issuer,
            serial: &found.key.serial,
            reason,
            invalidity_date: order.invalidity_date,
        },
    )?;
    let crls =
        after_revocation(context, &found.key.issuer, &found.key.serial).unwrap_or_else(|problem| {
            CrlsPublished {
                failed: vec![format!("{} [{}]", problem.message, problem.code)],
                ..CrlsPublished::default()
            }
        });
    Ok(Revoked {
        ocsp: !authority.issuer(&found.key.issuer)?.is_root(),
        issuer: found.key.issuer,
        serial: hex::encode(found.key.serial),
        subject: found.row.subject,
        revocation: revocation_view(&revocation),
        crls,
    })
}

pub(in crate::control) fn show(
    authority: &Authority,
    question: &Show,
) -> Result<CertificateView, Problem> {
    let found = match parse_serial(&question.name) {
        Ok(_) => find(authority, &question.name, question.issuer.as_deref())?,
        Err(_) => newest_of(authority, &question.name)?,
    };
    let summary = summary(&found.key, &found.row, authority.now());
    Ok(CertificateView {
        known: Some(summary),
        content: found.der.as_deref().map(describe_certificate).transpose()?,
        pem: found
            .der
            .as_deref()
            .map(certificate_pem)
            .transpose()?
            .unwrap_or_default(),
        chain_pem: chain_pem(authority, &found.key.issuer)?,
    })
}

pub(in crate::control) fn list(
    authority: &Authority,
    question: &List,
) -> Result<Certificates, Problem> {
    if let Some(issuer) = &question.issuer {
        authority.issuer(issuer)?;
    }
    let limit = question.limit.clamp(1, MAX_LISTED) as usize;
    let now = authority.now();
    let mut answer = Certificates {
        certificates: Vec::new(),
        more: false,
    };
    let mut visit = |key: CertificateKey, row: CertificateRow| {
        let fits = question
            .issuer
            .as_ref()
            .is_none_or(|issuer| *issuer == key.issuer)
            && question
                .subject
                .as_ref()
                .is_none_or(|subject| is_of(&row.subject, subject));
        if fits {
            let summary = summary(&key, &row, now);
            if question.state.is_none_or(|state| state == summary.state) {
                if answer.certificates.len() == limit {
                    answer.more = true;
                    return false;
                }
                answer.certificates.push(summary);
            }
        }
        true
    };
    match &question.subject {
        // A subject with its number has an index of its own.
        Some(subject) if subject.split('/').count() == 3 || subject.starts_with("ca/") => {
            for (key, row) in authority.certificates_of(subject)? {
                if !visit(key, row) {
                    break;
                }
            }
        }
        _ => {
            let issuer = question.issuer.as_deref().unwrap_or_default();
            authority.each_certificate(issuer, &mut visit)?;
        }
    }
    Ok(answer)
}

/// The certificate of that serial, whoever issued it unless `issuer` says so.
pub(super) fn find(
    authority: &Authority,
    serial: &str,
    issuer: Option<&str>,
) -> Result<CertificateDetail, Problem> {
    let serial = parse_serial(serial)?;
    Ok(match issuer {
        Some(issuer) => {
            authority.issuer(issuer)?;
            authority.certificate(issuer, &serial)?
        }
        None => authority.certificate_by_serial(&serial)?,
    })
}

/// The CA certificates from `issuer` up, the root left out.
pub(super) fn chain_pem(authority: &Authority, issuer: &str) -> Result<String, Problem> {
    let mut chain = String::new();
    let mut name = issuer.to_owned();
    for _ in 0..MAX_CHAIN {
        let issuer = authority.issuer(&name)?;
        if issuer.is_root() {
            break;
        }
        chain.push_str(&certificate_pem(&issuer.certificate_der)?);
        name.clone_from(&issuer.issued_by);
    }
    Ok(chain)
}

/// A serial as people write it: hex, with or without colons. RFC 5280 §4.1.2.2: at most 20 octets.
pub(super) fn parse_serial(text: &str) -> Result<Vec<u8>, Problem> {
    let plain: String = text.trim().chars().filter(|it| *it != ':').collect();
    let octets = hex::decode(&plain)
        .ok()
        .filter(|octets| (1..=20).contains(&octets.len()));
    octets.ok_or_else(|| {
        let text: String = text.chars().take(64).collect();
        Problem::argument(format!(
            "serial {text:?} is refused: write 1 to 20 octets in hex, as 'kasane list' shows them"
        ))
    })
}

/// The newest issued certificate of a subject; a name alone is a CA's.
fn newest_of(authority: &Authority, name: &str) -> Result<CertificateDetail, Problem> {
    let subject = if name.contains('/') {
        name.to_owned()
    } else {
        format!("ca/{name}")
    };
    let newest = authority
        .certificates_of(&subject)?
        .into_iter()
        .rev()
        .find(|(_, row)| row.state == State::Issued);
    let Some((key, _)) = newest else {
        return Err(Error::NotFound {
            kind: "certificate",
            name: name.chars().take(64).collect(),
            hint: ": give a serial, a CA such as root-ecc, a subject such as facility/CODE/1, or a file",
        }
        .into());
    };
    Ok(authority.certificate(&key.issuer, &key.serial)?)
}

fn is_of(subject: &str, asked: &str) -> bool {
    subject
        .strip_prefix(asked)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || asked.ends_with('/'))
}

fn summary(key: &CertificateKey, row: &CertificateRow, now: UnixTime) -> CertificateSummary {
    let state = match (row.state, &row.revocation) {
        (State::Recorded, _) => CertificateState::Recorded,
        (State::Failed, _) => CertificateState::Failed,
        (State::Abandoned, _) => CertificateState::Abandoned,
        (State::Issued, Some(_)) => CertificateState::Revoked,
        (State::Issued, None) if row.is_live(now) => CertificateState::Valid,
        (State::Issued, None) => CertificateState::Expired,
    };
    CertificateSummary {
        issuer: key.issuer.clone(),
        serial: hex::encode(&key.serial),
        subject: row.subject.clone(),
        profile: row.profile.clone(),
        state,
        not_after: UnixTime::from_seconds(row.not_after),
        revocation: row.revocation.as_ref().map(revocation_view),
        record: row.record,
        outcome: row.outcome,
    }
}

pub(super) fn revocation_view(revocation: &Revocation) -> RevocationView {
    RevocationView {
        date: UnixTime::from_seconds(revocation.date),
        reason: revocation.reason.map(|number| {
            RevocationReason::from_number(number).map_or_else(|| number.to_string(), reason_name)
        }),
        invalidity_date: revocation.invalidity_date.map(UnixTime::from_seconds),
        ledger_index: revocation.index,
    }
}
