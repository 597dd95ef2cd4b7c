//! The account as an outside auditor makes it: from the ledger's entries alone.

use std::collections::HashMap;

use kasane_ledger_schema::{DecodeError, Entry, Event};

use super::{Books, Context, ReconcileReport, SignedBy, report};

/// An entry could not be read.
#[derive(Debug, thiserror::Error)]
#[error("ledger entry {index}: {source}")]
pub struct AuditError {
    /// Its index.
    pub index: u64,
    /// Why.
    pub source: DecodeError,
}

/// Takes the entries one by one, so that no ledger is too long.
#[derive(Debug, Default)]
pub struct Auditor {
    books: Books,
    /// Records without an outcome, and who signs them.
    open: HashMap<u64, SignedBy>,
    next: u64,
}

impl Auditor {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next entry.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), AuditError> {
        let index = self.next;
        let entry = Entry::from_bytes(bytes).map_err(|source| AuditError { index, source })?;
        self.next += 1;
        let signed_by = Books::record_of(&entry.event).and_then(|record| self.open.get(&record));
        self.books.apply(index, &entry, signed_by);
        // What changed is for those who keep rows.
        let _changed = self.books.take_changed();
        match entry.event {
            Event::CertificateRecorded(body) => {
                self.open.insert(index, SignedBy::Issuer(body.issuer));
            }
            Event::CrlRecorded(body) => {
                self.open.insert(index, SignedBy::Issuer(body.issuer));
            }
            Event::CertificationRequestRecorded(body) => {
                self.open.insert(index, SignedBy::Key(body.key_label));
            }
            // Books::record_of names more: an attempt is no outcome.
            Event::CertificateIssued(body) => self.close(body.record),
            Event::CrlIssued(body) => self.close(body.record),
            Event::CertificationRequestSigned(body) => self.close(body.record),
            Event::RecordClosed(body) => self.close(body.record),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, record: u64) {
        self.open.remove(&record);
    }

    /// The account so far.
    #[must_use]
    pub const fn books(&self) -> &Books {
        &self.books
    }

    /// What the entries so far say.
    #[must_use]
    pub fn report(&self, context: &Context) -> ReconcileReport {
        report(&self.books, self.next, context)
    }
}

/// What the entries of a ledger, from its first on, say about its devices.
///
/// # Errors
/// [`AuditError`] for the first entry that cannot be read.
pub fn from_ledger<B: AsRef<[u8]>>(
    entries: impl IntoIterator<Item = B>,
    context: &Context,
) -> Result<ReconcileReport, AuditError> {
    let mut auditor = Auditor::new();
    for entry in entries {
        auditor.read(entry.as_ref())?;
    }
    Ok(auditor.report(context))
}
