//! How the authority began, and the documents in force.

use kasane_ledger_schema::{DocumentAdopted, Genesis};

use super::{ApplyError, Step};
use crate::projection::document::{self, DocumentRow};
use crate::projection::meta::{self, GenesisRow};

impl Step<'_, '_> {
    pub(super) fn began(&mut self, body: Genesis) -> Result<(), ApplyError> {
        let row = GenesisRow {
            origin: body.origin,
            mode: body.mode,
            timeline_shift_days: body.timeline_shift_days,
            organization: body.organization,
            operator_domain: body.operator_domain,
            time: self.time,
        };
        Ok(meta::put_genesis(self.view, &row)?)
    }

    pub(super) fn document_adopted(&mut self, body: &DocumentAdopted) -> Result<(), ApplyError> {
        let row = DocumentRow {
            sha256: body.content.sha256.as_bytes().to_vec(),
            length_bytes: body.content.length_bytes,
            index: self.index,
        };
        Ok(document::put(self.view, &body.kind, &body.name, &row)?)
    }
}
