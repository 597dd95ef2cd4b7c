//! Certificates and CRLs in words.

use kasane_verify::UnixTime;
use kasane_web::control::{
    CertificateContent, CertificateState, CertificateSummary, CertificateView, Certificates,
    CrlImported, CrlSummary, Crls, CrlsPublished, IssuedCertificate, RevocationView, Revoked,
};

use super::table::{Fields, table};

pub(super) fn issued(it: &IssuedCertificate) -> String {
    let mut fields = Fields::default();
    fields
        .add("issued", format!("{} ({})", it.subject, it.profile))
        .add("serial", &it.serial)
        .add("issuer", &it.issuer)
        .add("valid until", time(it.not_after))
        .add(
            "ledger",
            format!("record {}, outcome {}", it.record, it.outcome),
        );
    fields.into_text()
}

pub(super) fn revoked(it: &Revoked) -> String {
    let mut fields = Fields::default();
    fields
        .add("revoked", format!("{} of {}", it.serial, it.issuer))
        .add("subject", &it.subject);
    revocation(&mut fields, &it.revocation);
    let mut text = fields.into_text();
    text.push_str(if it.ocsp {
        "OCSP says so from now on\n"
    } else {
        "of CA certificates the CRL tells; there is no OCSP for them\n"
    });
    text.push_str(&crls_published(&it.crls));
    text
}

pub(super) fn shown(it: &CertificateView) -> String {
    let mut fields = Fields::default();
    if let Some(known) = &it.known {
        fields
            .add("state", state(known.state))
            .add("identity", &known.subject)
            .add("profile", &known.profile)
            .add("issued by", &known.issuer)
            .add(
                "ledger",
                match known.outcome {
                    Some(outcome) => format!("record {}, outcome {outcome}", known.record),
                    None => format!("record {}", known.record),
                },
            );
        if let Some(it) = &known.revocation {
            revocation(&mut fields, it);
        }
        if it.content.is_none() {
            fields.add("serial", &known.serial);
        }
    }
    if let Some(content) = &it.content {
        say_content(&mut fields, content);
    }
    let mut text = fields.into_text();
    text.push_str(&it.pem);
    text
}

pub(super) fn listed(it: &Certificates) -> String {
    let row = |it: &CertificateSummary| {
        vec![
            it.serial.clone(),
            state(it.state).to_owned(),
            it.profile.clone(),
            it.subject.clone(),
            time(it.not_after),
            it.issuer.clone(),
        ]
    };
    let rows: Vec<_> = it.certificates.iter().map(row).collect();
    let mut text = table(
        &[
            "serial",
            "state",
            "profile",
            "subject",
            "valid until",
            "issuer",
        ],
        &rows,
    );
    if it.more {
        text.push_str("there are more: use --limit, --subject, --issuer or --state\n");
    }
    text
}

pub(super) fn crls_published(it: &CrlsPublished) -> String {
    let mut text = String::new();
    for crl in &it.published {
        text.push_str(&format!("published {}\n", name(crl)));
    }
    for failed in &it.failed {
        text.push_str(&format!("not published, will be tried again: {failed}\n"));
    }
    if it.later {
        text.push_str(
            "a CRL follows by itself: one was made just before, or many are being revoked\n",
        );
    }
    if text.is_empty() {
        text.push_str("no CRL was due\n");
    }
    text
}

pub(super) fn crl_imported(it: &CrlImported) -> String {
    let mut text = format!(
        "{} CRL {}/{} number {} with {} entries, until {}\n",
        if it.done_before {
            "was imported before:"
        } else {
            "imported"
        },
        it.issuer,
        it.shard,
        it.number,
        it.entries,
        time(it.next_update)
    );
    for serial in &it.revoked {
        text.push_str(&format!("counts as revoked: {serial} of {}\n", it.issuer));
    }
    text
}

pub(super) fn crls(it: &Crls) -> String {
    let row = |it: &CrlSummary| {
        vec![
            it.issuer.clone(),
            it.shard.to_string(),
            match it.base_number {
                Some(base) => format!("delta on {base}"),
                None => "full".to_owned(),
            },
            it.number.to_string(),
            it.entries
                .map(|entries| entries.to_string())
                .unwrap_or_default(),
            time(it.this_update),
            time(it.next_update),
        ]
    };
    let rows: Vec<_> = it.crls.iter().map(row).collect();
    table(
        &[
            "issuer",
            "shard",
            "kind",
            "number",
            "entries",
            "this update",
            "next update",
        ],
        &rows,
    )
}

fn name(crl: &CrlSummary) -> String {
    let kind = if crl.delta { "delta CRL" } else { "CRL" };
    format!(
        "{kind} {} of {}, shard {}",
        crl.number, crl.issuer, crl.shard
    )
}

fn say_content(fields: &mut Fields, it: &CertificateContent) {
    fields
        .add("serial", &it.serial)
        .add("subject", &it.subject)
        .add("issuer", &it.issuer)
        .add("valid from", time(it.not_before))
        .add("valid until", time(it.not_after))
        .add("key", &it.key)
        .add("signed with", &it.signature);
    if it.is_ca {
        let limit = it
            .path_len
            .map(|limit| format!(", at most {limit} CA below"))
            .unwrap_or_default();
        fields.add("CA", format!("yes{limit}"));
    }
    fields
        .add_all("names", &it.subject_alt_names)
        .add("key usage", it.key_usage.join(", "))
        .add("purposes", it.extended_key_usage.join(", "))
        .add("policies", it.policies.join(", "))
        .add_all("CRL", &it.crl_uris)
        .add_all("OCSP", &it.ocsp_uris)
        .add("key id", it.subject_key_id.as_deref().unwrap_or_default())
        .add(
            "issuer's key id",
            it.authority_key_id.as_deref().unwrap_or_default(),
        )
        .add(
            "related to",
            it.related_certificate.as_deref().unwrap_or_default(),
        )
        .add("SHA-256", &it.sha256);
}

fn revocation(fields: &mut Fields, it: &RevocationView) {
    let reason = it.reason.as_deref().unwrap_or("no reason stated");
    fields
        .add("revoked at", format!("{} ({reason})", time(it.date)))
        .add(
            "untrusted since",
            it.invalidity_date.map(time).unwrap_or_default(),
        )
        .add("ledger entry", it.ledger_index);
}

const fn state(state: CertificateState) -> &'static str {
    match state {
        CertificateState::Recorded => "recorded",
        CertificateState::Valid => "valid",
        CertificateState::Expired => "expired",
        CertificateState::Revoked => "revoked",
        CertificateState::Failed => "failed",
        CertificateState::Abandoned => "abandoned",
    }
}

pub(super) fn time(time: UnixTime) -> String {
    time.to_jst_string()
}
