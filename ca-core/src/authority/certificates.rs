//! Finding certificates again.

use der::Decode;
use kasane_ledger_schema::{CertificateRecorded, Event};
use kasane_verify::SignatureAlgorithm;
use x509_cert::TbsCertificate;

use super::Authority;
use crate::Error;
use crate::pipeline::{Issued, assemble};
use crate::projection::certificate::{self, CertificateKey, CertificateRow, State};

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
        match self.entry(record)?.event {
            Event::CertificateRecorded(body) => Ok(body),
            _ => Err(unknown(&format!("ledger entry {record}"))),
        }
    }

    /// The certificate, DER, put together from record and outcome; none when it was never signed.
    pub(crate) fn certificate_der(&self, row: &CertificateRow) -> Result<Option<Vec<u8>>, Error> {
        let (State::Issued, Some(outcome)) = (row.state, row.outcome) else {
            return Ok(None);
        };
        let recorded = match self.entry(row.record)?.event {
            Event::CertificateRecorded(body) => body,
            Event::IssuerImported(body) => return Ok(Some(body.certificate.into_bytes().to_vec())),
            Event::CertificateImported(body) => {
                return Ok(Some(body.certificate.into_bytes().to_vec()));
            }
            _ => return Err(unknown(&format!("ledger entry {}", row.record))),
        };
        let Event::CertificateIssued(issued) = self.entry(outcome)?.event else {
            return Err(unknown(&format!("ledger entry {outcome}")));
        };
        let tbs = recorded.tbs.as_bytes();
        let algorithm = tbs_algorithm(tbs)?;
        Ok(Some(assemble(tbs, algorithm, issued.signature.as_bytes())?))
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

/// The signature algorithm that a `TBSCertificate` names.
pub(super) fn tbs_algorithm(tbs: &[u8]) -> Result<SignatureAlgorithm, Error> {
    let tbs = TbsCertificate::from_der(tbs)?;
    SignatureAlgorithm::from_oid(tbs.signature().oid)
        .ok_or_else(|| {
            der::ErrorKind::OidUnknown {
                oid: tbs.signature().oid,
            }
            .into()
        })
        .map_err(|error: der::Error| Error::Encoding(error))
}

fn unknown(name: &str) -> Error {
    Error::NotFound {
        kind: "certificate",
        name: name.to_owned(),
        hint: ": 'kasane list' shows those that exist",
    }
}
