//! Keys, and who signs with them.

use kasane_ledger_schema::{IssuerActivated, KeyGenerated, KeyImported, OcspSignerActivated};

use super::{ApplyError, Step};
use crate::projection::issuer::{self, IssuerRow, OcspSignerRow};
use crate::projection::key::{self, KeyRow};

impl Step<'_, '_> {
    pub(super) fn key_generated(&mut self, body: KeyGenerated) -> Result<(), ApplyError> {
        let row = KeyRow {
            label: body.label,
            role: body.role,
            algorithm: body.algorithm,
            backend: body.backend,
            index: self.index,
        };
        Ok(key::put(self.view, &row)?)
    }

    pub(super) fn key_imported(&mut self, body: KeyImported) -> Result<(), ApplyError> {
        let row = KeyRow {
            label: body.label,
            role: body.role,
            algorithm: body.algorithm,
            backend: body.backend,
            index: self.index,
        };
        Ok(key::put(self.view, &row)?)
    }

    pub(super) fn issuer_activated(&mut self, body: IssuerActivated) -> Result<(), ApplyError> {
        let row = IssuerRow {
            name: body.issuer,
            key_label: Some(body.key_label),
            record: body.record,
            crl_shards: body.crl_shards,
            ended: None,
        };
        Ok(issuer::put(self.view, &row)?)
    }

    pub(super) fn ocsp_signer_activated(
        &mut self,
        body: OcspSignerActivated,
    ) -> Result<(), ApplyError> {
        let row = OcspSignerRow {
            issuer: body.issuer,
            key_label: body.key_label,
            record: body.record,
            window_seconds: body.window_seconds,
        };
        Ok(issuer::put_ocsp_signer(self.view, &row)?)
    }
}
