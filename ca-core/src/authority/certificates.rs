//! Finding certificates again.

use kasane_ledger_schema::CertificateRecorded;

use super::Authority;
use crate::Error;
use crate::pipeline::Issued;
use crate::projection::certificate::{self, CertificateKey, CertificateRow};
use crate::records::Records;

/// A certificate and everything the ledger says of it.
#[derive(Clone, Debug)]
pub struct CertificateDetail {
    /// Issuer and serial.
    pub key: CertificateKey,
    /// Its state.
    pub row: CertificateRow,
    /// The certificate, DER; none when it was never signed.
    pub der: Option<Vec<u8>>,
}

impl Authority {
    /// The certificate of that issuer and serial.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn certificate(&self, issuer: &str, serial: &[u8]) -> Result<CertificateDetail, Error> {
        let row = certificate::find(self.tables(), issuer, serial)?
            .ok_or_else(|| unknown(&hex::encode(serial)))?;
        self.detail(
            CertificateKey {
                issuer: issuer.into(),
                serial: serial.to_vec(),
            },
            row,
        )
    }

    /// The certificate with that serial, whoever issued it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::SerialAmbiguous`] when several issuers used it.
    pub fn certificate_by_serial(&self, serial: &[u8]) -> Result<CertificateDetail, Error> {
        let mut found = None;
        for issuer in self.issuer_names() {
            if let Some(row) = certificate::find(self.tables(), &issuer, serial)? {
                let key = CertificateKey {
                    issuer,
                    serial: serial.to_vec(),
                };
                if found.replace((key, row)).is_some() {
                    return Err(Error::SerialAmbiguous {
                        serial: hex::encode(serial),
                    });
                }
            }
        }
        let (key, row) = found.ok_or_else(|| unknown(&hex::encode(serial)))?;
        self.detail(key, row)
    }

    /// The certificates that name `subject`, oldest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn certificates_of(
        &self,
        subject: &str,
    ) -> Result<Vec<(CertificateKey, CertificateRow)>, Error> {
        Ok(certificate::of_subject(self.tables(), subject)?)
    }

    /// Visits every certificate of `issuer` (of every issuer when empty); `false` ends the visit.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn each_certificate(
        &self,
        issuer: &str,
        visit: &mut dyn FnMut(CertificateKey, CertificateRow) -> bool,
    ) -> Result<(), Error> {
        Ok(certificate::scan(self.tables(), issuer, visit)?)
    }

    /// What was recorded at `record`.
    pub(crate) fn recorded(&self, record: u64) -> Result<CertificateRecorded, Error> {
        self.records().recorded(record)
    }

    /// The certificate, DER, put together from record and outcome; none when it was never signed.
    pub(crate) fn certificate_der(&self, row: &CertificateRow) -> Result<Option<Vec<u8>>, Error> {
        self.records().certificate_der(row)
    }

    /// Ledger and projection together.
    pub(crate) fn records(&self) -> Records<'_> {
        Records {
            ledger: &self.ledger,
            tables: &*self.tables,
        }
    }

    /// The certificate of a row, whole; none when it was never signed.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub fn issued(
        &self,
        key: CertificateKey,
        row: &CertificateRow,
    ) -> Result<Option<Issued>, Error> {
        let (Some(der), Some(outcome)) = (self.certificate_der(row)?, row.outcome) else {
            return Ok(None);
        };
        Ok(Some(Issued {
            issuer: key.issuer,
            serial: key.serial,
            profile: row.profile.clone(),
            subject: row.subject.clone(),
            not_after: kasane_verify::UnixTime::from_seconds(row.not_after),
            der,
            record: row.record,
            outcome,
        }))
    }

    fn detail(&self, key: CertificateKey, row: CertificateRow) -> Result<CertificateDetail, Error> {
        let der = self.certificate_der(&row)?;
        Ok(CertificateDetail { key, row, der })
    }
}

fn unknown(name: &str) -> Error {
    Error::NotFound {
        kind: "certificate",
        name: name.to_owned(),
        hint: ": 'kasane list' shows those that exist",
    }
}
