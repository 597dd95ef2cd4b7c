//! What is kept beside the ledger and may be erased.

use kasane_ledger_schema::{PrivateCommitted, PrivateErased};

use super::{ApplyError, Step};
use crate::projection::private::{self, PrivateRow};

impl Step<'_, '_> {
    pub(super) fn private_committed(&mut self, body: &PrivateCommitted) -> Result<(), ApplyError> {
        let mut row = private::get(self.view, &body.subject)?;
        let commitment = body.commitment.as_bytes().to_vec();
        row.records.push((self.progress.next_private, commitment));
        self.progress.next_private += 1;
        row.erased = false;
        Ok(private::put(self.view, &body.subject, &row)?)
    }

    pub(super) fn private_erased(&mut self, body: &PrivateErased) -> Result<(), ApplyError> {
        let row = PrivateRow {
            records: Vec::new(),
            erased: true,
        };
        Ok(private::put(self.view, &body.subject, &row)?)
    }
}
