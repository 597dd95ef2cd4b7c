//! A certificate: made here, or taken over.

use kasane_ca_core::ceremony::{Record, RecordedEvent};
use kasane_ledger_schema::Event;
use kasane_verify::certificate::Certificate;

use super::digest;

/// A certificate: made here, or taken over.
#[derive(Default)]
pub(super) struct CertificateRow {
    /// Of the record of the to-be-signed part, or of the taking over.
    pub(super) index: u64,
    pub(super) time: String,
    /// Of the signature; none if it was taken over or is not there.
    pub(super) issued: Option<u64>,
    pub(super) taken_over: bool,
    /// The name here: `ca/root-ecc`.
    pub(super) name: String,
    pub(super) issuer: String,
    pub(super) profile: String,
    /// The to-be-signed part.
    pub(super) tbs_sha256: String,
    /// The whole.
    pub(super) sha256: String,
    pub(super) subject: String,
    pub(super) serial: String,
    pub(super) not_after: String,
    pub(super) spki_sha256: String,
}

pub(super) fn of(record: &Record) -> Vec<CertificateRow> {
    let mut rows: Vec<CertificateRow> = Vec::new();
    for it in &record.events {
        match &it.event {
            Event::CertificateRecorded(body) => rows.push(CertificateRow {
                index: it.index,
                time: it.time.to_jst_string(),
                name: body.subject.clone(),
                issuer: body.issuer.clone(),
                profile: body.profile.clone(),
                tbs_sha256: digest(body.tbs.as_bytes()),
                serial: hex::encode(body.serial.as_bytes()),
                ..CertificateRow::default()
            }),
            Event::CertificateIssued(body) => {
                if let Some(row) = rows.iter_mut().find(|row| row.index == body.record) {
                    row.issued = Some(it.index);
                    row.describe(it);
                }
            }
            Event::IssuerImported(body) => rows.push(CertificateRow::taken_over(
                it,
                format!("ca/{}", body.issuer),
                &body.issued_by,
                &body.profile,
            )),
            Event::CertificateImported(body) => rows.push(CertificateRow::taken_over(
                it,
                format!("ca/{}", body.name),
                &body.issued_by,
                &body.profile,
            )),
            _ => {}
        }
    }
    rows
}

impl CertificateRow {
    fn taken_over(it: &RecordedEvent, name: String, issuer: &str, profile: &str) -> Self {
        let mut row = Self {
            index: it.index,
            time: it.time.to_jst_string(),
            taken_over: true,
            name,
            issuer: issuer.to_owned(),
            profile: profile.to_owned(),
            ..Self::default()
        };
        row.describe(it);
        row
    }

    /// What stands in the certificate itself.
    fn describe(&mut self, it: &RecordedEvent) {
        let Some(der) = &it.der else { return };
        self.sha256 = digest(der);
        if let Ok(certificate) = Certificate::from_der(der) {
            self.subject = certificate.subject().to_string();
            self.serial = certificate.serial_hex();
            self.not_after = certificate.not_after().to_jst_string();
            self.spki_sha256 = digest(certificate.spki());
        }
    }
}
