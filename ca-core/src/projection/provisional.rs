//! Entries that nothing signed covers yet, applied beside the tables.

use super::apply::{ApplyError, apply};
use super::certificate::{self, CertificateRow};
use super::meta::Progress;
use super::view::View;
use crate::reconcile::Books;
use crate::store::{StoreError, Table, Tables, WriteSet};

/// What entries beyond the tables would change, by the same function that changes the tables. Dropped
/// when a checkpoint covers them: the tables have them then.
#[derive(Debug)]
pub struct Provisional {
    progress: Progress,
    writes: WriteSet,
    /// Accounts of devices matter where the devices are; here they are thrown away.
    books: Books,
}

impl Provisional {
    /// Nothing beyond the tables, which are at `progress`.
    #[must_use]
    pub fn after(progress: Progress) -> Self {
        Self {
            progress,
            writes: WriteSet::default(),
            books: Books::default(),
        }
    }

    /// Applies the next entry.
    ///
    /// # Errors
    /// [`ApplyError`]; what was applied before stays.
    pub fn apply(&mut self, tables: &dyn Tables, entry: &[u8]) -> Result<(), ApplyError> {
        let mut view = View::resume(tables, std::mem::take(&mut self.writes));
        let mut progress = self.progress;
        let index = progress.next_index;
        let applied = apply(&mut view, &mut progress, &mut self.books, index, entry);
        self.writes = view.into_writes();
        applied?;
        self.progress = progress;
        Ok(())
    }

    /// How many rows these entries would write.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.writes.len()
    }

    /// How many certificates these entries revoke.
    #[must_use]
    pub fn revocations(&self) -> usize {
        self.writes.count(Table::Revocations)
    }

    /// The certificate of that issuer and serial, if these entries changed it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn certificate(
        &self,
        issuer: &str,
        serial: &[u8],
    ) -> Result<Option<CertificateRow>, StoreError> {
        certificate::pending(&self.writes, issuer, serial)
    }

    /// The last octets of the serial numbers that these entries revoke.
    #[must_use]
    pub fn revoked_octets(&self) -> Vec<u8> {
        let keys = self.writes.keys(Table::Revocations);
        let mut octets: Vec<u8> = keys.filter_map(|key| key.last().copied()).collect();
        octets.sort_unstable();
        octets.dedup();
        octets
    }
}
