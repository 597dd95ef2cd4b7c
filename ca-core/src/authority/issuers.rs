//! The CAs that are known, and those of them that may sign.

use std::collections::BTreeMap;
use std::sync::Arc;

use kasane_hsm::KeyLabel;
use kasane_ledger_schema::{Event, IssuerActivated};
use kasane_verify::certificate::Certificate;

use super::Authority;
use crate::issuer::Issuer;
use crate::profile::ProfileKind;
use crate::projection::{issuer as issuer_table, unpadded};
use crate::signing::SigningError;
use crate::{Actor, Error};

impl Authority {
    /// Every issuer, by name.
    #[must_use]
    pub fn issuers(&self) -> Vec<Arc<Issuer>> {
        self.issuers.read().values().cloned().collect()
    }

    /// The names of every issuer.
    #[must_use]
    pub fn issuer_names(&self) -> Vec<String> {
        self.issuers.read().keys().cloned().collect()
    }

    /// The issuer of that name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn issuer(&self, name: &str) -> Result<Arc<Issuer>, Error> {
        self.issuers
            .read()
            .get(name)
            .cloned()
            .ok_or_else(|| Error::NotFound {
                kind: "issuer",
                name: name.to_owned(),
                hint: "",
            })
    }

    /// The live cross-certificates, DER.
    ///
    /// # Errors
    /// [`Error::Store`] or [`Error::Ledger`].
    pub fn cross_certificates(&self) -> Result<Vec<Vec<u8>>, Error> {
        let now = self.now();
        let mut found = Vec::new();
        for root in self.issuers().iter().filter(|issuer| issuer.is_root()) {
            let mut rows = Vec::new();
            // Roots sign few certificates.
            self.each_certificate(root.name(), &mut |_, row| {
                let cross = self
                    .profiles
                    .get(&row.profile)
                    .is_some_and(|profile| profile.kind() == ProfileKind::Cross);
                if cross && row.is_live(now) {
                    rows.push(row);
                }
                true
            })?;
            for row in rows {
                found.extend(self.certificate_der(&row)?);
            }
        }
        Ok(found)
    }

    /// From here on the CA `name` may sign, with the certificate recorded at `record`.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub(crate) fn activate_issuer(
        &self,
        actor: &Actor,
        name: &str,
        key_label: &KeyLabel,
        crl_shards: u32,
        record: u64,
    ) -> Result<(), Error> {
        let activated = IssuerActivated {
            issuer: name.to_owned(),
            key_label: key_label.to_string(),
            record,
            crl_shards,
        };
        self.append(actor, activated.into())?;
        self.reload_issuers()
    }

    /// Reads the issuers in force from the projection.
    pub(crate) fn reload_issuers(&self) -> Result<(), Error> {
        let mut issuers = BTreeMap::new();
        for row in issuer_table::all(self.tables())? {
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
            let der = self.certificate(&issued_by, &serial)?.der;
            let key_label = row
                .key_label
                .clone()
                .map(KeyLabel::new)
                .transpose()
                .map_err(SigningError::from)?;
            let issuer = Issuer::of_certificate(
                &row.name,
                &issued_by,
                key_label,
                row.crl_shards,
                der.ok_or_else(unknown)?,
            );
            let mut issuer = issuer.ok_or_else(unknown)?;
            issuer.ended = row.ended.is_some();
            issuers.insert(row.name.clone(), Arc::new(issuer));
        }
        *self.issuers.write() = issuers;
        Ok(())
    }
}

fn serial_of(certificate: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(certificate).ok()?;
    Some(unpadded(certificate.serial()).to_vec())
}
