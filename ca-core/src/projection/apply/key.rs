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
            imported_at: None,
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
            imported_at: Some(self.time),
        };
        Ok(key::put(self.view, &row)?)
    }

    pub(super) fn issuer_activated(&mut self, body: IssuerActivated) -> Result<(), ApplyError> {
        let imported_at = self.used_elsewhere_until(Some(&body.key_label))?;
        let row = IssuerRow {
            name: body.issuer,
            key_label: Some(body.key_label),
            record: body.record,
            crl_shards: body.crl_shards,
            ended: None,
            imported_at,
        };
        Ok(issuer::put(self.view, &row)?)
    }

    /// The time of this entry, unless the key was made here: then everything that it ever signed is in
    /// the ledger, whoever certified it.
    pub(super) fn used_elsewhere_until(
        &self,
        key_label: Option<&str>,
    ) -> Result<Option<i64>, ApplyError> {
        let made_here = match key_label {
            Some(label) => key::get(self.view, label)?.is_some_and(|key| key.imported_at.is_none()),
            None => false,
        };
        Ok((!made_here).then_some(self.time))
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
