//! One entry changes the state. Each family of events has its module here, as it has in the schema.

mod certificate;
mod crl;
mod error;
mod genesis;
mod import;
mod key;
mod private;
mod registration;
mod request;

use kasane_ledger_schema::{Entry, Event};

use super::books;
use super::mass_revocation;
use super::meta::{self, Progress};
use super::open_record::{self, OpenRecord};
use super::responder;
use super::view::View;
use crate::reconcile::Books;
use crate::store::StoreError;

pub use error::ApplyError;
pub(crate) use import::unpadded;

/// The note that earlier entries bear a wrong time, and that this one's is right.
pub(crate) const CLOCK_ACCEPTED: &str = "clock-accepted";

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
    books.apply(index, &entry, signed_by.as_ref());
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

/// Where an entry stands, and what it is applied to.
struct Step<'s, 'v> {
    view: &'s mut View<'v>,
    progress: &'s mut Progress,
    index: u64,
    time: i64,
}

impl Step<'_, '_> {
    fn apply(mut self, event: Event) -> Result<(), ApplyError> {
        match event {
            Event::Genesis(body) => self.began(body),
            Event::DocumentAdopted(body) => self.document_adopted(&body),
            Event::KeyGenerated(body) => self.key_generated(body),
            Event::KeyImported(body) => self.key_imported(body),
            Event::IssuerActivated(body) => self.issuer_activated(body),
            Event::OcspSignerActivated(body) => self.ocsp_signer_activated(body),
            Event::IssuerImported(body) => self.issuer_imported(body),
            Event::CertificateImported(body) => self.cross_imported(body),
            Event::CrlImported(body) => self.crl_imported(body),
            Event::CertificationRequestRecorded(body) => self.request_recorded(body),
            Event::CertificationRequestSigned(body) => self.request_signed(body.record),
            Event::FacilityRegistered(body) => self.facility_registered(body),
            Event::TerminalCapability(body) => self.terminal_capability(body),
            Event::SystemRegistered(body) => self.system_registered(body),
            Event::OperatorRegistered(body) => self.operator_registered(body),
            Event::CertificateRecorded(body) => self.certificate_recorded(body),
            Event::CertificateIssued(body) => self.certificate_issued(body.record),
            Event::RecordClosed(body) => self.record_closed(body.record, body.outcome),
            Event::CertificateRevoked(body) => self.certificate_revoked(body),
            Event::MassRevocation(body) => mass_revocation::begin(self.view, self.index, body),
            Event::MassRevocationPart(body) => {
                mass_revocation::part(self.view, self.progress, self.index, body)
            }
            Event::CrlRecorded(body) => self.crl_recorded(body),
            Event::CrlIssued(body) => self.crl_issued(body.record),
            Event::IssuerEnded(body) => self.issuer_ended(&body.issuer),
            Event::PrivateCommitted(body) => self.private_committed(&body),
            Event::PrivateErased(body) => self.private_erased(&body),
            event @ (Event::ResponderEnrolled(_)
            | Event::ResponderRemoved(_)
            | Event::ResponderSignerActivated(_)
            | Event::ResponderSignaturesCounted(_)) => {
                Ok(responder::apply(self.view, self.time, event)?)
            }
            Event::ServiceChanged(body) => {
                if body.change == CLOCK_ACCEPTED {
                    self.progress.latest_time = self.time;
                }
                Ok(())
            }
            // Facts for the audit: what follows from them is in the books.
            Event::CeremonyStep(_)
            | Event::SignatureAttempted(_)
            | Event::SignaturesCounted(_)
            | Event::SignaturesReserved(_)
            | Event::DeviceLogDrained(_)
            | Event::DeviceActionNoted(_)
            | Event::DeviceAlarmRaised(_)
            | Event::DeviceAlarmsAcknowledged(_) => Ok(()),
            // `Event` is non-exhaustive for other crates' sake; an unknown kind fails to decode.
            _ => Err(self.contradiction("kind without a meaning")),
        }
    }

    const fn contradiction(&self, reason: &'static str) -> ApplyError {
        ApplyError::Contradiction {
            index: self.index,
            reason,
        }
    }
}
