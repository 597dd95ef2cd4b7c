//! What was made elsewhere and is taken over.

use kasane_ledger_schema::{CertificateImported, CrlImported, IssuerImported};
use kasane_verify::certificate::Certificate;
use sha2::{Digest, Sha256};

use super::{ApplyError, Step};
use crate::issuer::shard_of;
use crate::projection::certificate::{self, CertificateKey, CertificateRow, State};
use crate::projection::crl::{self, CrlKey, CrlVersion};
use crate::projection::issuer::{self, IssuerRow};
use crate::projection::subject_key::{self, SubjectKeyRow};

impl Step<'_, '_> {
    /// A CA, with its key or without. Its CRL numbers go on above those that were used elsewhere.
    pub(super) fn issuer_imported(&mut self, body: IssuerImported) -> Result<(), ApplyError> {
        let imported_at = self.used_elsewhere_until(body.key_label.as_deref())?;
        let row = IssuerRow {
            name: body.issuer.clone(),
            key_label: body.key_label,
            record: self.index,
            crl_shards: body.crl_shards,
            ended: None,
            imported_at,
        };
        issuer::put(self.view, &row)?;
        for shard in 0..body.crl_shards {
            let key = CrlKey {
                issuer: body.issuer.clone(),
                shard,
            };
            let mut series = crl::get(self.view, &key)?;
            series.note_number(body.last_crl_number, self.time);
            crl::put(self.view, &key, &series)?;
        }
        self.certificate_imported(
            &body.issuer,
            body.profile,
            body.issued_by,
            body.certificate.as_bytes(),
        )
    }

    /// A further certificate of a known CA.
    pub(super) fn cross_imported(&mut self, body: CertificateImported) -> Result<(), ApplyError> {
        let der = body.certificate.as_bytes();
        self.certificate_imported(&body.name, body.profile, body.issued_by, der)
    }

    /// A CRL that another signed: it replaces the one before.
    pub(super) fn crl_imported(&mut self, body: CrlImported) -> Result<(), ApplyError> {
        let key = CrlKey {
            issuer: body.issuer,
            shard: body.shard,
        };
        let mut row = crl::get(self.view, &key)?;
        if body.number <= row.last_number {
            return Err(self.contradiction("imported CRL number did not grow"));
        }
        row.last_number = body.number;
        row.full = Some(CrlVersion {
            record: self.index,
            outcome: Some(self.index),
            number: body.number,
            this_update: body.this_update,
            next_update: body.next_update,
            entries: body.entries,
            as_of: self.index,
            base_number: None,
        });
        Ok(crl::put(self.view, &key, &row)?)
    }

    fn certificate_imported(
        &mut self,
        name: &str,
        profile: String,
        issued_by: String,
        der: &[u8],
    ) -> Result<(), ApplyError> {
        let Ok(parsed) = Certificate::from_der(der) else {
            return Err(self.contradiction("imported certificate cannot be read"));
        };
        let key = CertificateKey {
            issuer: issued_by,
            serial: unpadded(parsed.serial()).to_vec(),
        };
        if certificate::get(self.view, &key)?.is_some() {
            return Err(self.contradiction("serial number used twice"));
        }
        let shards = issuer::get(self.view, &key.issuer)?.map_or(1, |row| row.crl_shards);
        let row = CertificateRow {
            record: self.index,
            outcome: Some(self.index),
            state: State::Issued,
            not_after: parsed.not_after().seconds(),
            crl_shard: shard_of(shards, &key.serial),
            profile,
            subject: format!("ca/{name}"),
            spki_sha256: Sha256::digest(parsed.spki()).to_vec(),
            revocation: None,
        };
        certificate::put(self.view, &key, &row)?;
        if subject_key::get(self.view, &row.spki_sha256)?.is_none() {
            let subject = SubjectKeyRow {
                subject: row.subject.clone(),
                compromised: false,
            };
            subject_key::put(self.view, &row.spki_sha256, &subject)?;
        }
        certificate::put_subject(self.view, &row, &key)?;
        self.progress.certificates += 1;
        Ok(())
    }
}

/// A serial number without the octet that keeps an INTEGER positive.
pub(crate) fn unpadded(serial: &[u8]) -> &[u8] {
    match serial {
        [0, rest @ ..] if !rest.is_empty() => rest,
        serial => serial,
    }
}
