//! Certificates of ours: recorded, issued or closed, revoked.

use kasane_ledger_schema::{CertificateRecorded, CertificateRevoked, Closed};

use super::{ApplyError, Step};
use crate::projection::certificate::{self, CertificateKey, CertificateRow, Revocation, State};
use crate::projection::crl;
use crate::projection::open_record::{self, OpenRecord};
use crate::projection::request_key::{self, RequestKeyRow};
use crate::projection::revoke::revoke;
use crate::projection::subject_key::{self, SubjectKeyRow};

impl Step<'_, '_> {
    pub(super) fn certificate_recorded(
        &mut self,
        body: CertificateRecorded,
    ) -> Result<(), ApplyError> {
        let key = CertificateKey {
            issuer: body.issuer,
            serial: body.serial.as_bytes().to_vec(),
        };
        if certificate::get(self.view, &key)?.is_some_and(|row| row.record != self.index) {
            return Err(self.contradiction("serial number used twice"));
        }
        let row = CertificateRow {
            record: self.index,
            outcome: None,
            state: State::Recorded,
            not_after: body.not_after,
            crl_shard: body.crl_shard,
            profile: body.profile,
            subject: body.subject,
            spki_sha256: body.spki_sha256.as_bytes().to_vec(),
            revocation: None,
        };
        certificate::put(self.view, &key, &row)?;
        if subject_key::get(self.view, &row.spki_sha256)?.is_none() {
            let subject = row.subject.clone();
            let key = SubjectKeyRow {
                subject,
                compromised: false,
            };
            subject_key::put(self.view, &row.spki_sha256, &key)?;
        }
        certificate::put_subject(self.view, &row, &key)?;
        if let Some(request_key) = body.request_key {
            let sha256 = body.request_sha256.map(|hash| hash.as_bytes().to_vec());
            request_key::put(
                self.view,
                &body.requester,
                &request_key,
                &RequestKeyRow {
                    record: self.index,
                    request_sha256: sha256.unwrap_or_default(),
                    profile: row.profile,
                    subject: row.subject,
                    renews: body
                        .renews
                        .map(|serial| serial.as_bytes().to_vec())
                        .unwrap_or_default(),
                    issuer: key.issuer.clone(),
                    serial: key.serial.clone(),
                },
            )?;
        }
        self.progress.certificates += 1;
        open_record::put(self.view, self.index, &OpenRecord::Certificate(key))?;
        Ok(())
    }

    pub(super) fn certificate_issued(&mut self, record: u64) -> Result<(), ApplyError> {
        let Some(OpenRecord::Certificate(key)) = open_record::get(self.view, record)? else {
            return Err(self.contradiction("certificate issued without an open record"));
        };
        let Some(mut row) = certificate::get(self.view, &key)? else {
            return Err(self.contradiction("certificate issued without a record"));
        };
        row.state = State::Issued;
        row.outcome = Some(self.index);
        certificate::put(self.view, &key, &row)?;
        open_record::remove(self.view, record);
        Ok(())
    }

    pub(super) fn record_closed(&mut self, record: u64, outcome: Closed) -> Result<(), ApplyError> {
        match open_record::get(self.view, record)? {
            Some(OpenRecord::Certificate(key)) => {
                let Some(mut row) = certificate::get(self.view, &key)? else {
                    return Err(self.contradiction("record closed without a record"));
                };
                row.state = match outcome {
                    Closed::Failed => State::Failed,
                    Closed::Abandoned => State::Abandoned,
                };
                row.outcome = Some(self.index);
                certificate::put(self.view, &key, &row)?;
                // A device may have signed what nobody heard of: the serial counts as revoked.
                let revocation = Revocation {
                    date: self.time,
                    reason: None,
                    invalidity_date: None,
                    index: self.index,
                };
                self.revoke(&key, revocation)?;
            }
            Some(OpenRecord::Crl(key)) => {
                let mut row = crl::get(self.view, &key)?;
                row.pending = None;
                crl::put(self.view, &key, &row)?;
            }
            // Nothing was promised to anybody: the next run makes another.
            Some(OpenRecord::CertificationRequest { .. }) => {}
            None => return Err(self.contradiction("no open record to close")),
        }
        open_record::remove(self.view, record);
        Ok(())
    }

    fn revoke(&mut self, key: &CertificateKey, new: Revocation) -> Result<(), ApplyError> {
        revoke(self.view, self.progress, key, new)
    }

    pub(super) fn certificate_revoked(
        &mut self,
        body: CertificateRevoked,
    ) -> Result<(), ApplyError> {
        let key = CertificateKey {
            issuer: body.issuer,
            serial: body.serial.as_bytes().to_vec(),
        };
        let revocation = Revocation {
            date: body.revocation_date,
            reason: body.reason,
            invalidity_date: body.invalidity_date,
            index: self.index,
        };
        self.revoke(&key, revocation)
    }
}
