//! Who may sign OCSP responses, by the ledger's word.

use kasane_verify::UnixTime;

use super::Authority;
use crate::Error;
use crate::projection::certificate;
use crate::projection::issuer::{self, OcspSignerRow};
use crate::projection::responder;

/// A delegated OCSP signer that the ledger records and whose certificate has not expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedSigner {
    /// The issuer that it answers for.
    pub issuer: String,
    /// The edge responder that has its key; none when the authority has it.
    pub responder: Option<String>,
    /// The serial number of its certificate.
    pub serial: Vec<u8>,
    /// SHA-256 of its key's DER `SubjectPublicKeyInfo`.
    pub spki_sha256: Vec<u8>,
    /// When its certificate was revoked.
    pub revoked: Option<UnixTime>,
}

impl Authority {
    /// Every delegated OCSP signer whose certificate has not expired, revoked ones and those of removed
    /// edge responders included.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Ledger`].
    pub fn recorded_signers(&self) -> Result<Vec<RecordedSigner>, Error> {
        let mut found = Vec::new();
        for issuer in self.issuers() {
            for row in issuer::ocsp_signers(self.tables(), issuer.name())? {
                found.extend(self.recorded_signer(&row, None)?);
            }
        }
        for edge in responder::all(self.tables())? {
            for row in responder::signers(self.tables(), &edge.name)? {
                let row = OcspSignerRow {
                    issuer: row.issuer,
                    key_label: row.key_label,
                    record: row.record,
                    window_seconds: row.window_seconds,
                };
                found.extend(self.recorded_signer(&row, Some(&edge.name))?);
            }
        }
        Ok(found)
    }

    fn recorded_signer(
        &self,
        row: &OcspSignerRow,
        responder: Option<&str>,
    ) -> Result<Option<RecordedSigner>, Error> {
        let recorded = self.recorded(row.record)?;
        if recorded.not_after < self.now().seconds() {
            return Ok(None);
        }
        let serial = recorded.serial.as_bytes().to_vec();
        let found = certificate::find(self.tables(), &row.issuer, &serial)?;
        let revocation = found.and_then(|row| row.revocation);
        Ok(Some(RecordedSigner {
            issuer: row.issuer.clone(),
            responder: responder.map(str::to_owned),
            serial,
            spki_sha256: recorded.spki_sha256.as_bytes().to_vec(),
            revoked: revocation.map(|it| UnixTime::from_seconds(it.date)),
        }))
    }
}
