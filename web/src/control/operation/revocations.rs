//! Revoking many certificates in one act.

use std::collections::BTreeSet;

use kasane_ca_core::authority::{
    Facilities, MassChoice, MassRevocationOrder, MassSelection, MassStep, SampleCertificate,
    parse_reason,
};
use kasane_ca_core::projection::meta;
use kasane_ca_core::registration::FacilityCode;
use kasane_ca_core::{Actor, Error};
use kasane_verify::UnixTime;

use super::certificates::parse_serial;
use super::crl::sweep_view;
use crate::control::mass_progress::State;
use crate::control::{
    Context, CrlsPublished, IssuerCount, MassRevocationView, Problem, RevokeMany, RevokedMany,
    RevokedSample,
};

pub(in crate::control) fn revoke_many(
    context: &Context,
    actor: &Actor,
    order: &RevokeMany,
) -> Result<RevokedMany, Problem> {
    let selection = selection(context, order)?;
    let reason = parse_reason(&order.reason)?;
    let words = selection.describe();
    if order.dry_run {
        let choice = context
            .authority()
            .choose_revocations(&selection, &mut |_, _| {})?;
        let mut answer = view(true, words, &choice);
        answer.ledger_size = context.authority().ledger().size();
        return Ok(answer);
    }
    let order = MassRevocationOrder {
        selection,
        reason,
        invalidity_date: order.invalidity_date,
        confirmed: order.confirmed,
        approvals: Vec::new(),
    };
    let done = act(context, actor, &order);
    context.mass_progress().end();
    let (mut answer, date, index) = done.map(|(done, crls)| {
        let mut answer = view(false, words, &done.choice);
        answer.crls = crls;
        (answer, done.date, done.index)
    })?;
    answer.date = index.map(|_| date);
    answer.ledger_index = index;
    answer.ledger_size = context.authority().ledger().size();
    Ok(answer)
}

fn act(
    context: &Context,
    actor: &Actor,
    order: &MassRevocationOrder,
) -> Result<(kasane_ca_core::authority::MassRevoked, CrlsPublished), Problem> {
    let authority = context.authority();
    let publisher = context.publisher()?;
    let progress = context.mass_progress();
    // No list is made of half of them.
    let (done, sweep) = publisher.publish_after(
        || {
            authority.revoke_many(actor, order, &mut |step| {
                let revocations_before =
                    meta::progress(authority.tables()).map_or(0, |it| it.revocations);
                progress.set(State::Step {
                    step,
                    revocations_before,
                });
            })
        },
        |done| {
            let shards = done.shards.len() as u64;
            progress.set(State::Publishing { shards });
            &done.shards
        },
    )?;
    Ok((done, sweep_view(&sweep)))
}

pub(in crate::control) fn progress(context: &Context) -> Result<MassRevocationView, Problem> {
    let Some(state) = context.mass_progress().state() else {
        return Ok(MassRevocationView::default());
    };
    let view = |step: &str, done, total| MassRevocationView {
        step: Some(step.to_owned()),
        done,
        total,
    };
    Ok(match state {
        State::Step {
            step: MassStep::Choosing { seen, total },
            ..
        } => view("choosing", seen, total),
        State::Step {
            step: MassStep::Recording { certificates },
            ..
        } => view("revoking", 0, certificates),
        State::Step {
            step: MassStep::Writing { certificates },
            revocations_before,
        } => {
            let tables = context.authority().tables();
            let now = meta::progress(tables).map_err(Error::from)?.revocations;
            view(
                "writing",
                now.saturating_sub(revocations_before).min(certificates),
                certificates,
            )
        }
        State::Publishing { shards } => view("publishing", 0, shards),
    })
}

fn selection(context: &Context, order: &RevokeMany) -> Result<MassSelection, Problem> {
    let check_digit = context.authority().configuration().check_digit();
    let facilities = match (&order.facility_prefix, &order.facilities) {
        (Some(_), Some(_)) => {
            return Err(Problem::argument(
                "facilities are refused: name a prefix or a list, not both",
            ));
        }
        (Some(prefix), None) => Some(Facilities::Prefix(prefix.clone())),
        (None, Some(list)) => {
            let mut codes = BTreeSet::new();
            for (number, line) in lines(list) {
                let code = FacilityCode::parse(line, check_digit).map_err(|error| {
                    Problem::argument(format!("facility list is refused: line {number}: {error}"))
                })?;
                codes.insert(code.to_string());
            }
            Some(Facilities::Codes(codes))
        }
        (None, None) => None,
    };
    let serials = match &order.serials {
        None => None,
        Some(list) => {
            let mut serials = BTreeSet::new();
            for (number, line) in lines(list) {
                let serial = parse_serial(line).map_err(|problem| {
                    let message = format!("list is refused: line {number}: {}", problem.message);
                    Problem::argument(message)
                })?;
                serials.insert(serial);
            }
            Some(serials)
        }
    };
    Ok(MassSelection {
        issuer: order.issuer.clone(),
        profile: order.profile.clone(),
        facilities,
        serials,
        issued_within: order.counted_at,
    })
}

/// Lines that say something, with their numbers.
fn lines(list: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(list.lines()).filter_map(|(number, line)| {
        let line = line.split('#').next().unwrap_or_default().trim();
        (!line.is_empty()).then_some((number, line))
    })
}

fn view(dry_run: bool, selection: String, choice: &MassChoice) -> RevokedMany {
    let sample = |it: &SampleCertificate| RevokedSample {
        issuer: it.key.issuer.clone(),
        serial: hex::encode(&it.key.serial),
        subject: it.subject.clone(),
        profile: it.profile.clone(),
    };
    let count = |(issuer, certificates): (&str, u64)| IssuerCount {
        issuer: issuer.to_owned(),
        certificates,
    };
    RevokedMany {
        dry_run,
        selection,
        certificates: choice.certificates,
        revoked_before: choice.revoked_before,
        expired: choice.expired,
        pending: choice.pending,
        issued_since: choice.issued_since,
        counted_at: choice.counted_at,
        issuers: choice.counts().map(count).collect(),
        sample: choice.sample.iter().map(sample).collect(),
        sample_revoked_before: choice.sample_revoked_before.iter().map(sample).collect(),
        date: None::<UnixTime>,
        ledger_index: None,
        ledger_size: 0,
        crls: CrlsPublished::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_comments_and_numbered_lines() {
        let list = "# those of May\n\n 01:02 \r\n0304 # two\n";
        let found: Vec<_> = lines(list).collect();
        assert_eq!(found, [(3, "01:02"), (4, "0304")]);
    }
}
