//! Requests for certificates of our own.

use kasane_ledger_schema::CertificationRequestRecorded;

use super::{ApplyError, Step};
use crate::projection::certification_request::{self, CertificationRequestRow};
use crate::projection::open_record::{self, OpenRecord};

impl Step<'_, '_> {
    pub(super) fn request_recorded(
        &mut self,
        body: CertificationRequestRecorded,
    ) -> Result<(), ApplyError> {
        let row = CertificationRequestRow {
            profile: body.profile,
            key_label: body.key_label.clone(),
            record: self.index,
            outcome: None,
        };
        certification_request::put(self.view, &body.name, &row)?;
        let open = OpenRecord::CertificationRequest {
            name: body.name,
            key_label: body.key_label,
        };
        Ok(open_record::put(self.view, self.index, &open)?)
    }

    pub(super) fn request_signed(&mut self, record: u64) -> Result<(), ApplyError> {
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
}
