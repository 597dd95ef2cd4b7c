//! What OCSP says of a certificate.

use kasane_verify::UnixTime;

use super::Authority;
use crate::Error;
use crate::projection::StatusChanges;
use crate::projection::certificate::{self, CertificateRow, State};

/// What is known of a serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Issued and not revoked.
    Good,
    /// Revoked, or burnt by a record without outcome.
    Revoked {
        /// When.
        date: UnixTime,
        /// The reason code (RFC 5280 §5.3.1), if one is stated.
        reason: Option<u8>,
        /// When the key became untrustworthy.
        invalidity_date: Option<UnixTime>,
    },
    /// Recorded and about to be signed: it exists for nobody yet, and may in a moment.
    Pending,
    /// This issuer never used that serial number.
    NeverUsed,
    /// Not known here, and it may exist: this issuer was taken over and used its key elsewhere before, or
    /// whoever is asked only follows the authority.
    Unrecorded,
}

impl Authority {
    /// The status of a serial number of `issuer`, from the projection: no ledger read.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn status(&self, issuer: &str, serial: &[u8]) -> Result<Status, Error> {
        if let Some(row) = certificate::find(self.tables(), issuer, serial)? {
            return Ok(status_of(&row));
        }
        let issuers = self.issuers.read();
        let is_imported = issuers
            .get(issuer)
            .is_some_and(|issuer| issuer.imported_at.is_some());
        Ok(if is_imported {
            Status::Unrecorded
        } else {
            Status::NeverUsed
        })
    }

    /// Tells cheaply whether a status that was read before still stands.
    #[must_use]
    pub fn status_changes(&self) -> &StatusChanges {
        &self.status_changes
    }
}

/// What a row says.
pub(crate) fn status_of(row: &CertificateRow) -> Status {
    match row.revocation {
        Some(revocation) => Status::Revoked {
            date: UnixTime::from_seconds(revocation.date),
            reason: revocation.reason,
            invalidity_date: revocation.invalidity_date.map(UnixTime::from_seconds),
        },
        None if row.state == State::Issued => Status::Good,
        None => Status::Pending,
    }
}
