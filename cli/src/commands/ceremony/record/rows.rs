//! Ledger entries of a ceremony as rows that people read.

use kasane_ca_core::ceremony::{Record, RecordedEvent};
use kasane_ledger_schema::{Blob, Event};
use kasane_verify::certificate::Certificate;
use sha2::{Digest, Sha256};

/// A document in force.
pub(super) struct DocumentRow {
    pub(super) ja: &'static str,
    pub(super) en: String,
    pub(super) name: String,
    pub(super) sha256: String,
}

/// A name in both languages, and what it is.
pub(super) struct Fact {
    pub(super) ja: &'static str,
    pub(super) en: &'static str,
    pub(super) value: String,
}

/// An entry of the ledger.
pub(super) struct StepRow {
    pub(super) index: u64,
    pub(super) time: String,
    pub(super) ja: &'static str,
    pub(super) en: &'static str,
    pub(super) subject: String,
    /// Name and value: key label, hashes, serials.
    pub(super) facts: Vec<Fact>,
}

pub(super) fn documents(record: &Record) -> Vec<DocumentRow> {
    let named = record.documents.iter();
    named
        .filter(|(kind, _, _)| kind != "ceremony-checkpoint")
        .map(|(kind, name, sha256)| DocumentRow {
            ja: match kind.as_str() {
                "timeline" => "移行方針",
                "profile" => "証明書プロファイル",
                "configuration" => "認証局の設定",
                "ceremony-script" => "鍵生成式の手順書",
                "ceremony-plan" => "署名計画",
                _ => "文書",
            },
            en: kind.clone(),
            name: name.clone(),
            sha256: sha256.clone(),
        })
        .collect()
}

pub(super) fn steps(record: &Record) -> Vec<StepRow> {
    record.events.iter().filter_map(row).collect()
}

fn row(it: &RecordedEvent) -> Option<StepRow> {
    let (ja, en, subject, mut facts) = match &it.event {
        Event::KeyGenerated(key) => (
            "鍵ペアの生成",
            "key pair generated",
            key.label.clone(),
            vec![
                ("role", key.role.clone()),
                ("algorithm", key.algorithm.clone()),
                ("backend", key.backend.clone()),
                ("SPKI SHA-256", digest(key.spki.as_bytes())),
                ("attestation", attestation(key.attestation.as_ref())),
            ],
        ),
        Event::KeyImported(key) => (
            "既存の鍵の引継ぎ",
            "existing key taken over",
            key.label.clone(),
            vec![
                ("role", key.role.clone()),
                ("algorithm", key.algorithm.clone()),
                ("backend", key.backend.clone()),
                ("SPKI SHA-256", digest(key.spki.as_bytes())),
                ("attestation", attestation(key.attestation.as_ref())),
            ],
        ),
        Event::CertificateRecorded(body) => (
            "証明書の署名対象の記録",
            "to-be-signed certificate recorded",
            body.subject.clone(),
            vec![
                ("issuer", body.issuer.clone()),
                ("profile", body.profile.clone()),
                ("TBS SHA-256", digest(body.tbs.as_bytes())),
            ],
        ),
        Event::CertificateIssued(_) => (
            "証明書の発行",
            "certificate issued",
            String::new(),
            Vec::new(),
        ),
        Event::IssuerActivated(body) => (
            "認証局の稼働開始",
            "CA may sign",
            body.issuer.clone(),
            vec![("key", body.key_label.clone())],
        ),
        Event::OcspSignerActivated(body) => (
            "OCSP署名者の稼働開始",
            "OCSP signer active",
            body.issuer.clone(),
            vec![("key", body.key_label.clone())],
        ),
        Event::IssuerImported(body) => (
            "認証局の引継ぎ",
            "CA taken over",
            body.issuer.clone(),
            vec![
                ("key", body.key_label.clone().unwrap_or_else(|| "—".into())),
                ("last CRL number", body.last_crl_number.to_string()),
            ],
        ),
        Event::CertificateImported(body) => (
            "証明書の引継ぎ",
            "certificate taken over",
            body.name.clone(),
            vec![("issuer", body.issued_by.clone())],
        ),
        Event::CrlImported(body) => (
            "失効リストの引継ぎ",
            "CRL taken over",
            format!("{}/{}", body.issuer, body.shard),
            vec![
                ("number", body.number.to_string()),
                ("SHA-256", hex::encode(body.crl.sha256.as_bytes())),
            ],
        ),
        Event::CertificationRequestRecorded(body) => (
            "証明書要求の記録",
            "certification request recorded",
            body.name.clone(),
            vec![
                ("key", body.key_label.clone()),
                ("TBS SHA-256", digest(body.tbs.as_bytes())),
            ],
        ),
        Event::CrlRecorded(body) => (
            "失効リストの署名対象の記録",
            "to-be-signed CRL recorded",
            format!("{}/{}", body.issuer, body.shard),
            vec![
                ("number", body.number.to_string()),
                ("TBS SHA-256", hex::encode(body.tbs.sha256.as_bytes())),
            ],
        ),
        Event::CeremonyStep(step) => (
            "手順の完了",
            "step completed",
            step.step.clone(),
            vec![("result", step.detail.clone())],
        ),
        Event::DeviceActionNoted(body) => (
            "装置の操作",
            "device action",
            format!("{} ({})", body.device, body.serial),
            vec![
                ("action", format!("{} {}", body.action, body.subject)),
                ("detail", body.detail.clone()),
            ],
        ),
        Event::RecordClosed(body) => (
            "署名の中止",
            "record closed without signature",
            format!("entry {}", body.record),
            vec![("reason", body.reason.clone())],
        ),
        _ => return None,
    };
    let mut subject = subject;
    if let Some(der) = &it.der
        && let Ok(certificate) = Certificate::from_der(der)
    {
        if subject.is_empty() {
            subject = certificate.subject().to_string();
        }
        facts.push(("serial", certificate.serial_hex()));
        facts.push(("notAfter", certificate.not_after().to_jst_string()));
        facts.push(("SPKI SHA-256", digest(certificate.spki())));
        facts.push(("certificate SHA-256", digest(der)));
    }
    Some(StepRow {
        index: it.index,
        time: it.time.to_jst_string(),
        ja,
        en,
        subject,
        facts: facts
            .into_iter()
            .map(|(en, value)| Fact {
                ja: japanese(en),
                en,
                value,
            })
            .collect(),
    })
}

/// What a fact is called in Japanese; what has one name in both has none here.
fn japanese(name: &str) -> &'static str {
    match name {
        "role" => "役割",
        "algorithm" => "方式",
        "backend" => "鍵の保管先",
        "SPKI SHA-256" => "公開鍵",
        "attestation" => "装置の証明",
        "issuer" => "発行者",
        "profile" => "プロファイル",
        "TBS SHA-256" => "署名対象",
        "key" => "鍵",
        "number" => "番号",
        "last CRL number" => "従前の最終番号",
        "result" => "結果",
        "action" => "操作",
        "detail" => "詳細",
        "reason" => "理由",
        "serial" => "シリアル番号",
        "notAfter" => "有効期限",
        "certificate SHA-256" => "証明書",
        _ => "",
    }
}

fn attestation(blob: Option<&Blob>) -> String {
    blob.map_or_else(
        || "—".to_owned(),
        |blob| format!("SHA-256 {}", hex::encode(blob.sha256.as_bytes())),
    )
}

fn digest(octets: &[u8]) -> String {
    hex::encode(Sha256::digest(octets))
}
