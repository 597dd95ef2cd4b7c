//! The authority answers about status itself.

use std::sync::Arc;

use kasane_hsm::{KeyLabel, KeyRole};
use kasane_ledger::Stop;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::{SignatureAlgorithm, UnixTime};

use super::{Authority, OcspSigner, OcspSignerOrder, Status};
use crate::issuer::Issuer;
use crate::projection::StatusChanges;
use crate::projection::issuer as issuer_table;
use crate::signing::SigningError;
use crate::status_source::StatusSource;
use crate::{Actor, Error, Requester};

impl Authority {
    /// `now`, or the time before the act that revokes many and is under way.
    pub(super) fn before_act(&self, now: UnixTime) -> UnixTime {
        let since = *self.acting_since.lock();
        since.map_or(now, |since| now.min(since.plus_seconds(-1)))
    }

    /// Whether an act that revokes many is being made durable and taken up.
    #[must_use]
    pub fn is_recording_an_act(&self) -> bool {
        self.acting_since.lock().is_some()
    }
}

impl StatusSource for Authority {
    fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// The present, unless the projection lags behind the ledger: a revocation may be missing in it
    /// then. While it takes up an act that revokes many, what it says speaks for the time before.
    fn known_as_of(&self, now: UnixTime) -> Option<UnixTime> {
        let lags = matches!(self.ledger.stopped(), Some(Stop::Observer { .. }));
        (!lags).then(|| self.before_act(now))
    }

    fn crypto(&self) -> &dyn CryptoProvider {
        &*self.crypto
    }

    fn issuers(&self) -> Vec<Arc<Issuer>> {
        Self::issuers(self)
    }

    fn issuer(&self, name: &str) -> Result<Arc<Issuer>, Error> {
        Self::issuer(self, name)
    }

    fn status(&self, issuer: &str, serial: &[u8]) -> Result<Status, Error> {
        Self::status(self, issuer, serial)
    }

    fn status_changes(&self) -> &StatusChanges {
        Self::status_changes(self)
    }

    fn ocsp_signers(&self, issuer: &str) -> Result<Vec<OcspSigner>, Error> {
        Self::ocsp_signers(self, issuer)
    }

    fn ocsp_signer_history(&self, issuer: &str) -> Result<Vec<(String, i64)>, Error> {
        let rows = issuer_table::ocsp_signers(self.tables(), issuer)?;
        let history = rows
            .into_iter()
            .map(|row| (row.key_label, row.window_seconds));
        Ok(history.collect())
    }

    fn rekey_after_days(&self) -> Option<i64> {
        let profile = self.profiles.get("ocsp-signer")?;
        profile.validity().rekey_after_days().map(i64::from)
    }

    fn order_signer(
        &self,
        issuer: &Issuer,
        label: &KeyLabel,
        window_seconds: i64,
    ) -> Result<(Vec<u8>, UnixTime), Error> {
        let algorithm = issuer.signer.key_algorithm;
        self.generate_key(&Actor::system(), label, KeyRole::OcspResponder, algorithm)?;
        let order = OcspSignerOrder {
            issuer: issuer.name().to_owned(),
            key_label: label.clone(),
            window_seconds,
        };
        let issued = self.issue_ocsp_signer(&Requester::system(), &order)?;
        Ok((issued.serial, issued.not_after))
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
