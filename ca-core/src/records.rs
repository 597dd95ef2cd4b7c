//! What ledger and projection say together: certificates, CAs, and who answers for them. The same for
//! the authority and for those who only follow it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use der::{Decode, Encode};
use kasane_hsm::KeyLabel;
use kasane_ledger::Ledger;
use kasane_ledger_schema::{CertificateRecorded, Entry, Event};
use kasane_verify::spki::PublicKeyInfo;
use kasane_verify::{SignatureAlgorithm, UnixTime};
use x509_cert::{Certificate, TbsCertificate};

use crate::Error;
use crate::authority::OcspSigner;
use crate::issuer::Issuer;
use crate::pipeline::assemble;
use crate::projection::certificate::{self, CertificateRow, State};
use crate::projection::issuer::{self as issuer_table, OcspSignerRow};
use crate::projection::unpadded;
use crate::signing::SigningError;
use crate::store::Tables;

/// A ledger and the projection of it.
#[derive(Clone, Copy)]
pub(crate) struct Records<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) tables: &'a dyn Tables,
}

impl Records<'_> {
    /// The entry at `index`.
    pub(crate) fn entry(&self, index: u64) -> Result<Entry, Error> {
        Ok(Entry::from_bytes(&self.ledger.entry(index)?)?)
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

    /// The issuers in force, by name.
    pub(crate) fn issuers(&self) -> Result<BTreeMap<String, Arc<Issuer>>, Error> {
        let mut issuers = BTreeMap::new();
        for row in issuer_table::all(self.tables)? {
            let (issued_by, serial) = match self.entry(row.record)?.event {
                Event::CertificateRecorded(body) => (body.issuer, body.serial.as_bytes().to_vec()),
                Event::IssuerImported(body) => {
                    let serial = serial_of(body.certificate.as_bytes()).unwrap_or_default();
                    (body.issued_by, serial)
                }
                _ => (String::new(), Vec::new()),
            };
            let unknown = || Error::NotFound {
                kind: "issuer",
                name: row.name.clone(),
                hint: "",
            };
            let certificate =
                certificate::find(self.tables, &issued_by, &serial)?.ok_or_else(unknown)?;
            let der = self.certificate_der(&certificate)?.ok_or_else(unknown)?;
            let key_label = row
                .key_label
                .clone()
                .map(KeyLabel::new)
                .transpose()
                .map_err(SigningError::from)?;
            let issuer =
                Issuer::of_certificate(&row.name, &issued_by, key_label, row.crl_shards, der);
            let mut issuer = issuer.ok_or_else(unknown)?;
            issuer.ended = row.ended.is_some();
            issuer.imported_at = row.imported_at.map(UnixTime::from_seconds);
            issuers.insert(row.name.clone(), Arc::new(issuer));
        }
        Ok(issuers)
    }

    /// The OCSP signer of a row, if its certificate stands and has not expired at `now`.
    pub(crate) fn ocsp_signer(
        &self,
        row: &OcspSignerRow,
        now: UnixTime,
    ) -> Result<Option<OcspSigner>, Error> {
        let recorded = self.recorded(row.record)?;
        if recorded.not_after < now.seconds() {
            return Ok(None);
        }
        let serial = recorded.serial.as_bytes().to_vec();
        let Some(certificate) = certificate::find(self.tables, &row.issuer, &serial)? else {
            return Ok(None);
        };
        if certificate.state != State::Issued || certificate.revocation.is_some() {
            return Ok(None);
        }
        let Some(certificate_der) = self.certificate_der(&certificate)? else {
            return Ok(None);
        };
        let parsed = Certificate::from_der(&certificate_der)?;
        let tbs = parsed.tbs_certificate();
        let spki = tbs.subject_public_key_info().to_der()?;
        let Ok(key) = PublicKeyInfo::from_der(&spki) else {
            return Ok(None);
        };
        let signature_algorithm = key.algorithm().default_signature();
        let not_before = tbs.validity().not_before.to_unix_duration();
        Ok(Some(OcspSigner {
            issuer: row.issuer.clone(),
            key_label: KeyLabel::new(row.key_label.clone()).map_err(SigningError::from)?,
            signature_algorithm,
            certificate_der,
            spki,
            serial,
            not_before: instant(not_before),
            not_after: UnixTime::from_seconds(recorded.not_after),
            window_seconds: row.window_seconds,
        }))
    }
}

/// The signature algorithm that a `TBSCertificate` names.
fn tbs_algorithm(tbs: &[u8]) -> Result<SignatureAlgorithm, Error> {
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

fn serial_of(certificate: &[u8]) -> Option<Vec<u8>> {
    let certificate = kasane_verify::certificate::Certificate::from_der(certificate).ok()?;
    Some(unpadded(certificate.serial()).to_vec())
}

fn instant(since_epoch: Duration) -> UnixTime {
    UnixTime::from_seconds(i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX))
}

fn unknown(name: &str) -> Error {
    Error::NotFound {
        kind: "certificate",
        name: name.to_owned(),
        hint: ": 'kasane list' shows those that exist",
    }
}
