//! CRLs of ours, and CAs that end.

use kasane_ledger_schema::CrlRecorded;

use super::{ApplyError, Step};
use crate::projection::crl::{self, CrlKey, CrlVersion};
use crate::projection::issuer;
use crate::projection::open_record::{self, OpenRecord};

impl Step<'_, '_> {
    pub(super) fn crl_recorded(&mut self, body: CrlRecorded) -> Result<(), ApplyError> {
        let key = CrlKey {
            issuer: body.issuer,
            shard: body.shard,
        };
        let mut row = crl::get(self.view, &key)?;
        let is_delta = body.base_number.is_some();
        // RFC 5280 §5.2.3: a delta that is issued with a complete CRL has its number.
        let goes_with_full = is_delta && row.accompanied() == Some(body.number);
        if body.number <= row.last_number && !goes_with_full {
            return Err(self.contradiction("CRL number did not grow"));
        }
        if row.pending.is_some() {
            return Err(self.contradiction("CRL recorded while another waits for its signature"));
        }
        row.note_number(body.number, body.this_update);
        if is_delta {
            row.last_delta = body.number;
        }
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

    pub(super) fn crl_issued(&mut self, record: u64) -> Result<(), ApplyError> {
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
        row.publish(CrlVersion {
            outcome: Some(self.index),
            ..version
        });
        crl::put(self.view, &key, &row)?;
        open_record::remove(self.view, record);
        Ok(())
    }

    pub(super) fn issuer_ended(&mut self, name: &str) -> Result<(), ApplyError> {
        let Some(mut row) = issuer::get(self.view, name)? else {
            return Err(self.contradiction("unknown CA ended"));
        };
        row.ended = Some(self.index);
        Ok(issuer::put(self.view, &row)?)
    }
}
