//! One entry changes the state.

use kasane_ledger_schema::{Closed, DecodeError, Entry, Event};

use super::books;
use super::certificate::{self, CertificateKey, CertificateRow, Revocation, State};
use super::certification_request::{self, CertificationRequestRow};
use super::crl::{self, CrlKey, CrlVersion};
use super::document::{self, DocumentRow};
use super::import::Import;
use super::issuer::{self, IssuerRow, OcspSignerRow};
use super::key::{self, KeyRow};
use super::mass_revocation;
use super::meta::{self, GenesisRow, Progress};
use super::open_record::{self, OpenRecord};
use super::private;
use super::registration::{self, FacilityRow, OperatorRow, SystemRow, TerminalRow};
use super::request_key::{self, RequestKeyRow};
use super::revoke::revoke;
use super::subject_key::{self, SubjectKeyRow};
use super::view::View;
use crate::reconcile::Books;
use crate::store::StoreError;

/// The note that earlier entries bear a wrong time, and that this one's is right.
pub(crate) const CLOCK_ACCEPTED: &str = "clock-accepted";

/// Why an entry cannot be applied. The ledger and this program disagree: nothing may go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The entry cannot be read.
    #[error("ledger entry {index}: {source}")]
    Entry {
        /// Its index.
        index: u64,
        /// Why.
        source: DecodeError,
    },
    /// The entry contradicts earlier ones.
    #[error("ledger entry {index}: contradicts earlier entries: {reason}")]
    Contradiction {
        /// Its index.
        index: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies the entry at `index` to `view` and `books`, and advances `progress`.
///
/// # Errors
/// [`ApplyError`].
pub fn apply(
    view: &mut View<'_>,
    progress: &mut Progress,
    books: &mut Books,
    index: u64,
    bytes: &[u8],
) -> Result<(), ApplyError> {
    let entry = Entry::from_bytes(bytes).map_err(|source| ApplyError::Entry { index, source })?;
    progress.latest_time = progress.latest_time.max(entry.time);
    // Before the step, which forgets the record that has its outcome.
    let signed_by = match Books::record_of(&entry.event) {
        Some(record) => open_record::get(view, record)?.map(OpenRecord::into_signed_by),
        None => None,
    };
    books.apply(index, entry.time, &entry.event, signed_by.as_ref());
    Step {
        view,
        progress,
        index,
        time: entry.time,
    }
    .apply(entry.event)?;
    progress.next_index = index + 1;
    Ok(())
}

/// Writes the counters and accounts, once per batch.
pub(super) fn finish(
    view: &mut View<'_>,
    progress: &Progress,
    books: &mut Books,
) -> Result<(), StoreError> {
    books::put_changed(view, books)?;
    meta::put_progress(view, progress)
}

struct Step<'s, 'v> {
    view: &'s mut View<'v>,
    progress: &'s mut Progress,
    index: u64,
    time: i64,
}

impl<'v> Step<'_, 'v> {
    fn apply(mut self, event: Event) -> Result<(), ApplyError> {
        let (index, time) = (self.index, self.time);
        match event {
            Event::Genesis(body) => meta::put_genesis(
                self.view,
                &GenesisRow {
                    origin: body.origin,
                    mode: body.mode,
                    timeline_shift_days: body.timeline_shift_days,
                    organization: body.organization,
                    operator_domain: body.operator_domain,
                    time,
                },
            )?,
            Event::DocumentAdopted(body) => document::put(
                self.view,
                &body.kind,
                &body.name,
                &DocumentRow {
                    sha256: body.content.sha256.as_bytes().to_vec(),
                    length_bytes: body.content.length_bytes,
                    index,
                },
            )?,
            Event::KeyGenerated(body) => key::put(
                self.view,
                &KeyRow {
                    label: body.label,
                    role: body.role,
                    algorithm: body.algorithm,
                    backend: body.backend,
                    index,
                },
            )?,
            Event::KeyImported(body) => key::put(
                self.view,
                &KeyRow {
                    label: body.label,
                    role: body.role,
                    algorithm: body.algorithm,
                    backend: body.backend,
                    index,
                },
            )?,
            Event::IssuerImported(body) => self.import().issuer(body)?,
            Event::CertificateImported(body) => self.import().cross(body)?,
            Event::CrlImported(body) => self.import().crl(body)?,
            Event::CertificationRequestRecorded(body) => {
                let row = CertificationRequestRow {
                    profile: body.profile,
                    key_label: body.key_label.clone(),
                    record: index,
                    outcome: None,
                };
                certification_request::put(self.view, &body.name, &row)?;
                let open = OpenRecord::CertificationRequest {
                    name: body.name,
                    key_label: body.key_label,
                };
                open_record::put(self.view, index, &open)?;
            }
            Event::CertificationRequestSigned(body) => self.request_signed(body.record)?,
            Event::IssuerActivated(body) => issuer::put(
                self.view,
                &IssuerRow {
                    name: body.issuer,
                    key_label: Some(body.key_label),
                    record: body.record,
                    crl_shards: body.crl_shards,
                },
            )?,
            Event::OcspSignerActivated(body) => issuer::put_ocsp_signer(
                self.view,
                &OcspSignerRow {
                    issuer: body.issuer,
                    key_label: body.key_label,
                    record: body.record,
                    window_seconds: body.window_seconds,
                },
            )?,
            Event::FacilityRegistered(body) => registration::put_facility(
                self.view,
                &FacilityRow {
                    code: body.code,
                    terminals: body.terminals,
                    registered: time,
                },
            )?,
            Event::TerminalCapability(body) => registration::put_terminal(
                self.view,
                &body.facility,
                body.terminal,
                &TerminalRow {
                    ecc_capable: body.ecc_capable,
                    reason: body.reason,
                },
            )?,
            Event::SystemRegistered(body) => registration::put_system(
                self.view,
                &SystemRow {
                    name: body.name,
                    dns_names: body.dns_names,
                    server: body.server,
                    client: body.client,
                    registered: time,
                },
            )?,
            Event::OperatorRegistered(body) => registration::put_operator(
                self.view,
                &OperatorRow {
                    name: body.name,
                    registered: time,
                },
            )?,
            Event::CertificateRecorded(body) => self.certificate_recorded(body)?,
            Event::CertificateIssued(body) => self.certificate_issued(body.record)?,
            Event::RecordClosed(body) => self.record_closed(body.record, body.outcome)?,
            Event::CertificateRevoked(body) => {
                let key = CertificateKey {
                    issuer: body.issuer,
                    serial: body.serial.as_bytes().to_vec(),
                };
                let revocation = Revocation {
                    date: body.revocation_date,
                    reason: body.reason,
                    invalidity_date: body.invalidity_date,
                    index,
                };
                self.revoke(&key, revocation)?;
            }
            Event::MassRevocation(body) => mass_revocation::begin(self.view, index, body)?,
            Event::MassRevocationPart(body) => {
                mass_revocation::part(self.view, self.progress, index, body)?;
            }
            Event::CrlRecorded(body) => self.crl_recorded(body)?,
            Event::CrlIssued(body) => self.crl_issued(body.record)?,
            Event::PrivateCommitted(body) => {
                let mut row = private::get(self.view, &body.subject)?;
                row.records.push((
                    self.progress.next_private,
                    body.commitment.as_bytes().to_vec(),
                ));
                self.progress.next_private += 1;
                row.erased = false;
                private::put(self.view, &body.subject, &row)?;
            }
            Event::PrivateErased(body) => {
                let row = private::PrivateRow {
                    records: Vec::new(),
                    erased: true,
                };
                private::put(self.view, &body.subject, &row)?;
            }
            // Facts for the audit: what follows from them is in the books.
            Event::CeremonyStep(_)
            | Event::SignatureAttempted(_)
            | Event::SignaturesCounted(_)
            | Event::SignaturesReserved(_)
            | Event::DeviceLogDrained(_)
            | Event::DeviceActionNoted(_)
            | Event::DeviceAlarmRaised(_) => {}
            Event::ServiceChanged(body) if body.change == CLOCK_ACCEPTED => {
                self.progress.latest_time = time;
            }
            Event::ServiceChanged(_) => {}
            // `Event` is non-exhaustive for other crates' sake; an unknown kind fails to decode.
            _ => return Err(self.contradiction("kind without a meaning")),
        }
        Ok(())
    }

    fn certificate_recorded(
        &mut self,
        body: kasane_ledger_schema::CertificateRecorded,
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

    fn certificate_issued(&mut self, record: u64) -> Result<(), ApplyError> {
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

    fn record_closed(&mut self, record: u64, outcome: Closed) -> Result<(), ApplyError> {
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

    fn crl_recorded(&mut self, body: kasane_ledger_schema::CrlRecorded) -> Result<(), ApplyError> {
        let key = CrlKey {
            issuer: body.issuer,
            shard: body.shard,
        };
        let mut row = crl::get(self.view, &key)?;
        if body.number <= row.last_number {
            return Err(self.contradiction("CRL number did not grow"));
        }
        if row.pending.is_some() {
            return Err(self.contradiction("CRL recorded while another waits for its signature"));
        }
        row.last_number = body.number;
        row.pending = Some(CrlVersion {
            record: self.index,
            outcome: None,
            number: body.number,
            this_update: body.this_update,
            next_update: body.next_update,
            entries: body.entries,
            as_of: body.as_of,
            base_number: body.base_number,
        });
        crl::put(self.view, &key, &row)?;
        open_record::put(self.view, self.index, &OpenRecord::Crl(key))?;
        Ok(())
    }

    fn crl_issued(&mut self, record: u64) -> Result<(), ApplyError> {
        let Some(OpenRecord::Crl(key)) = open_record::get(self.view, record)? else {
            return Err(self.contradiction("CRL issued without an open record"));
        };
        let mut row = crl::get(self.view, &key)?;
        let pending = row
            .pending
            .take()
            .filter(|version| version.record == record);
        let Some(version) = pending else {
            return Err(self.contradiction("CRL issued out of turn"));
        };
        let version = CrlVersion {
            outcome: Some(self.index),
            ..version
        };
        match version.base_number {
            None => row.full = Some(version),
            Some(_) => row.delta = Some(version),
        }
        crl::put(self.view, &key, &row)?;
        open_record::remove(self.view, record);
        Ok(())
    }

    fn request_signed(&mut self, record: u64) -> Result<(), ApplyError> {
        let Some(OpenRecord::CertificationRequest { name, .. }) =
            open_record::get(self.view, record)?
        else {
            return Err(self.contradiction("request signed without an open record"));
        };
        if let Some(mut row) = certification_request::get(self.view, &name)?
            && row.record == record
        {
            row.outcome = Some(self.index);
            certification_request::put(self.view, &name, &row)?;
        }
        open_record::remove(self.view, record);
        Ok(())
    }

    const fn import(&mut self) -> Import<'_, 'v> {
        Import {
            view: self.view,
            progress: self.progress,
            index: self.index,
        }
    }

    const fn contradiction(&self, reason: &'static str) -> ApplyError {
        ApplyError::Contradiction {
            index: self.index,
            reason,
        }
    }
}
