//! Mass revocations, and how soon revocations are known, in words.

use kasane_web::canary::{CanaryReport, EndpointReport};
use kasane_web::control::{MassRevocationView, RevokedMany, RevokedSample, StatusEndpoints};
use kasane_web::visibility::{Edge, Observation, What};

use super::certificate::crls_published;
use super::table::{Fields, table};

pub(crate) fn revoked_many(it: &RevokedMany) -> String {
    let mut fields = Fields::default();
    let done = if it.dry_run {
        "would revoke"
    } else {
        "revoked"
    };
    fields
        .add(done, format!("{} certificates", it.certificates))
        .add("chosen by", &it.selection);
    for issuer in &it.issuers {
        fields.add("of", format!("{}: {}", issuer.issuer, issuer.certificates));
    }
    let others = [
        ("revoked before", it.revoked_before, "date and reason stay"),
        ("expired", it.expired, "nothing is left to revoke"),
        ("being signed", it.pending, "run the same again for these"),
        (
            "issued since",
            it.issued_since,
            "run the same again for these",
        ),
    ];
    for (name, count, what) in others.into_iter().filter(|(_, count, _)| *count > 0) {
        fields.add(name, format!("{count} more: {what}"));
    }
    if it.dry_run {
        let (count, at) = (it.certificates, it.counted_at);
        fields.add("to confirm", format!("--confirm {count} --counted-at {at}"));
    }
    if let Some(index) = it.ledger_index {
        fields.add("ledger", format!("entry {index}"));
    }
    let mut text = fields.into_text();
    if !it.sample.is_empty() {
        let row = |it: &RevokedSample| {
            vec![
                it.serial.clone(),
                it.profile.clone(),
                it.subject.clone(),
                it.issuer.clone(),
            ]
        };
        let rows: Vec<_> = it.sample.iter().map(row).collect();
        text.push_str("some of them:\n");
        text.push_str(&table(&["serial", "profile", "subject", "issuer"], &rows));
    }
    if it.ledger_index.is_some() {
        text.push_str("OCSP says so of each from now on\n");
        text.push_str(&crls_published(&it.crls));
    }
    text
}

pub(super) fn progress(it: &MassRevocationView) -> String {
    match &it.step {
        Some(step) => format!("{step}: {} of {}\n", it.done, it.total),
        None => "no mass revocation is under way\n".to_owned(),
    }
}

pub(super) fn endpoints(it: &StatusEndpoints) -> String {
    let row = |it: &kasane_web::visibility::Endpoint| {
        let crls = if it.crls { "OCSP, CRLs" } else { "OCSP" };
        vec![it.name.clone(), it.url.clone(), crls.to_owned()]
    };
    let mut rows: Vec<_> = it.roster.endpoints.iter().map(row).collect();
    rows.extend(it.roster.edges.iter().map(edge));
    table(&["name", "url", "answers"], &rows)
}

fn edge(it: &Edge) -> Vec<String> {
    let follows = match (it.entries, it.heard) {
        (Some(entries), Some(heard)) => format!("edge, has {entries} entries, heard of {heard}"),
        _ => "edge, not heard of since the service began".to_owned(),
    };
    let url = if it.url.is_empty() { "-" } else { &it.url };
    vec![it.name.clone(), url.to_owned(), follows]
}

/// One line: who, how, after what time, or what is said instead.
pub(crate) fn observation(it: &Observation) -> String {
    let seen = match it.after_milliseconds {
        Some(after) => format!("after {} s", seconds(after)),
        None if it.is_missing() => format!("NOT SEEN: {}", it.seen.describe()),
        None => format!("not waited for: {}", it.seen.describe()),
    };
    format!("{:<22}{:<6}{seen}\n", it.endpoint, what(it.what))
}

pub(super) fn canary(it: &CanaryReport) -> String {
    let mut fields = Fields::default();
    match &it.off {
        Some(reason) => fields.add("canary", format!("off: {reason}")),
        None => fields.add(
            "canary",
            format!("every {} s", it.settings.interval_seconds),
        ),
    };
    fields.add(
        "canaries",
        format!("{}, figures of the last {}", it.count, it.runs),
    );
    if it.failed > 0 {
        fields.add("measured nothing", it.failed);
    }
    if let Some(last) = &it.last {
        fields.add("last", format!("{} of {}", last.begun, last.issuer));
        if let Some(reason) = &last.failed {
            fields.add("failed", reason);
        }
    }
    let mut text = fields.into_text();
    let row = |it: &EndpointReport| {
        let time = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), seconds);
        vec![
            it.endpoint.clone(),
            what(it.what).to_owned(),
            format!("{} of {}", it.in_time, it.asked),
            time(it.median_milliseconds),
            time(it.p99_milliseconds),
            time(it.longest_milliseconds),
            if it.last.tells() {
                String::new()
            } else {
                it.last.describe()
            },
        ]
    };
    if !it.endpoints.is_empty() {
        let rows: Vec<_> = it.endpoints.iter().map(row).collect();
        let head = [
            "endpoint",
            "by",
            "in time",
            "median s",
            "p99 s",
            "longest s",
            "last",
        ];
        text.push_str(&table(&head, &rows));
    }
    text
}

const fn what(what: What) -> &'static str {
    match what {
        What::Ocsp => "OCSP",
        What::Delta => "delta",
        What::Crl => "CRL",
        What::Feed => "feed",
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}
