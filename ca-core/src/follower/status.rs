//! What an edge answers from.

use std::sync::Arc;

use kasane_hsm::{KeyLabel, KeyRole};
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::{SignatureAlgorithm, UnixTime};

use super::Follower;
use crate::Error;
use crate::authority::{OcspSigner, Status, status_of};
use crate::issuer::Issuer;
use crate::projection::issuer::OcspSignerRow;
use crate::projection::{StatusChanges, certificate, responder};
use crate::signing::SigningError;
use crate::status_source::StatusSource;

impl StatusSource for Follower {
    fn now(&self) -> UnixTime {
        self.knowledge.present.at(self.moment())
    }

    /// When this edge last had every entry, once it has checked a first checkpoint. A clock that was
    /// set back makes it the present.
    fn known_as_of(&self, now: UnixTime) -> Option<UnixTime> {
        let as_of = self.knowledge.as_of()?;
        self.ledger.checkpoint_size()?;
        Some(as_of.min(now))
    }

    fn crypto(&self) -> &dyn CryptoProvider {
        &*self.parts.crypto
    }

    fn issuers(&self) -> Vec<Arc<Issuer>> {
        self.issuers.read().values().cloned().collect()
    }

    fn issuer(&self, name: &str) -> Result<Arc<Issuer>, Error> {
        let known = self.issuers.read().get(name).cloned();
        known.ok_or_else(|| Error::NotFound {
            kind: "issuer",
            name: name.to_owned(),
            hint: "",
        })
    }

    /// What the checked entries say, and what entries that nothing covers yet revoke. A serial number
    /// that is not known here may have been used a moment ago, or since the authority was last reached:
    /// an edge never says that it was never used.
    fn status(&self, issuer: &str, serial: &[u8]) -> Result<Status, Error> {
        let held = self.held.read().view.certificate(issuer, serial)?;
        if let Some(row) = held
            && row.revocation.is_some()
        {
            return Ok(status_of(&row));
        }
        let checked = certificate::find(&*self.tables, issuer, serial)?;
        Ok(checked.map_or(Status::Unrecorded, |row| status_of(&row)))
    }

    fn status_changes(&self) -> &StatusChanges {
        &self.status_changes
    }

    fn ocsp_signers(&self, issuer: &str) -> Result<Vec<OcspSigner>, Error> {
        let now = self.now();
        let mut signers = Vec::new();
        for row in responder::signers(&*self.tables, &self.enrolment.name)? {
            if row.issuer != issuer {
                continue;
            }
            let row = OcspSignerRow {
                issuer: row.issuer,
                key_label: row.key_label,
                record: row.record,
                window_seconds: row.window_seconds,
            };
            let Some(signer) = self.records().ocsp_signer(&row, now)? else {
                continue;
            };
            // A key that was lost, or made anew under the same label, signs for nobody.
            match self.door.key(&signer.key_label, KeyRole::OcspResponder) {
                Ok(key) if key.spki == signer.spki => signers.push(signer),
                Ok(_) | Err(SigningError::Key(kasane_hsm::Error::KeyNotFound { .. })) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(signers)
    }

    fn ocsp_signer_history(&self, issuer: &str) -> Result<Vec<(String, i64)>, Error> {
        let rows = responder::signers(&*self.tables, &self.enrolment.name)?;
        let own = rows.into_iter().filter(|row| row.issuer == issuer);
        Ok(own.map(|row| (row.key_label, row.window_seconds)).collect())
    }

    fn rekey_after_days(&self) -> Option<i64> {
        None
    }

    fn order_signer(
        &self,
        issuer: &Issuer,
        label: &KeyLabel,
        window_seconds: i64,
    ) -> Result<(Vec<u8>, UnixTime), Error> {
        self.order(issuer, label, window_seconds)
    }

    fn sign_ocsp_response(
        &self,
        label: &KeyLabel,
        algorithm: SignatureAlgorithm,
        response_data: &[u8],
    ) -> Result<Vec<u8>, SigningError> {
        self.door
            .sign_ocsp_response(label, algorithm, response_data)
    }
}
