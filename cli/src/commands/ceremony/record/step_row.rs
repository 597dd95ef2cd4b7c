//! Everything else that was done, a line each.

use kasane_ca_core::ceremony::{Record, RecordedEvent};
use kasane_ledger_schema::Event;

use super::crl_table::{self, CrlTable};
use super::digest;

/// Something that was done.
pub(super) struct StepRow {
    pub(super) index: u64,
    pub(super) time: String,
    pub(super) ja: &'static str,
    pub(super) en: &'static str,
    pub(super) subject: String,
    pub(super) detail: String,
}

/// What no other table shows.
pub(super) fn of(record: &Record, crls: &[CrlTable]) -> Vec<StepRow> {
    let mut rows: Vec<StepRow> = record.events.iter().filter_map(row).collect();
    rows.retain(|row| !crl_table::tells(crls, row.index));
    rows
}

fn row(it: &RecordedEvent) -> Option<StepRow> {
    let (ja, en, subject, detail) = match &it.event {
        Event::CeremonyStep(step) => (
            "手順の完了",
            "step completed",
            step.step.clone(),
            step.detail.clone(),
        ),
        Event::IssuerActivated(body) => (
            "認証局の稼働開始",
            "CA may sign",
            body.issuer.clone(),
            format!("key {}", body.key_label),
        ),
        Event::OcspSignerActivated(body) => (
            "OCSP署名者の稼働開始",
            "OCSP signer active",
            body.issuer.clone(),
            format!("key {}", body.key_label),
        ),
        Event::IssuerImported(body) => (
            "認証局の引継ぎ",
            "CA taken over",
            body.issuer.clone(),
            format!(
                "key {}, CRL numbers go on above {}",
                body.key_label.as_deref().unwrap_or("—"),
                body.last_crl_number
            ),
        ),
        Event::IssuerEnded(body) => (
            "認証局の終了",
            "CA ended",
            body.issuer.clone(),
            "signs its final CRLs and nothing after them".to_owned(),
        ),
        Event::CertificationRequestRecorded(body) => (
            "証明書要求の記録",
            "request recorded",
            body.name.clone(),
            format!(
                "key {}, TBS SHA-256 {}",
                body.key_label,
                digest(body.tbs.as_bytes())
            ),
        ),
        Event::CertificationRequestSigned(body) => (
            "証明書要求の署名",
            "request signed",
            format!("entry {}", body.record),
            String::new(),
        ),
        Event::DeviceActionNoted(body) => (
            "装置の操作",
            "device action",
            format!("{} {}", body.action, body.subject),
            device(&body.device, &body.serial, &body.detail),
        ),
        Event::RecordClosed(body) => (
            "署名の中止",
            "closed without signature",
            format!("entry {}", body.record),
            body.reason.clone(),
        ),
        _ => return None,
    };
    Some(StepRow {
        index: it.index,
        time: it.time.to_jst_string(),
        ja,
        en,
        subject,
        detail,
    })
}

/// An action that may be any device's names none.
fn device(name: &str, serial: &str, detail: &str) -> String {
    let named = if name.is_empty() && serial.is_empty() {
        String::new()
    } else {
        format!("{name} ({serial}) ")
    };
    format!("{named}{detail}")
}
