//! The CAs that may sign.

use std::collections::BTreeMap;
use std::sync::Arc;

use der::{Decode, Encode};
use kasane_hsm::{KeyLabel, KeyRole};
use kasane_ledger_schema::IssuerActivated;
use kasane_verify::UnixTime;
use kasane_verify::spki::PublicKeyInfo;
use x509_cert::TbsCertificate;

use super::Authority;
use crate::issuer::Issuer;
use crate::pipeline::SignerIdentity;
use crate::profile::ProfileKind;
use crate::projection::certificate::CertificateKey;
use crate::projection::issuer as issuer_table;
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
    pub(super) fn reload_issuers(&self) -> Result<(), Error> {
        let mut issuers = BTreeMap::new();
        for row in issuer_table::all(self.tables())? {
            let recorded = self.recorded(row.record)?;
            let key = CertificateKey {
                issuer: recorded.issuer.clone(),
                serial: recorded.serial.as_bytes().to_vec(),
            };
            let detail = self.certificate(&key.issuer, &key.serial)?;
            let unknown = || Error::NotFound {
                kind: "issuer",
                name: row.name.clone(),
                hint: "",
            };
            let certificate_der = detail.der.ok_or_else(unknown)?;
            let tbs = TbsCertificate::from_der(recorded.tbs.as_bytes())?;
            let spki = tbs.subject_public_key_info().to_der()?;
            let ski = crate::pipeline::ski_of(&tbs).ok_or_else(unknown)?;
            let not_after = UnixTime::from_seconds(recorded.not_after);
            let begin = tbs.validity().not_before.to_unix_duration().as_secs();
            let not_before = UnixTime::from_seconds(i64::try_from(begin).unwrap_or(0));
            let is_root = recorded.issuer == row.name;
            let key_label = KeyLabel::new(row.key_label.clone()).map_err(SigningError::from)?;
            let signer = SignerIdentity {
                name: row.name.clone(),
                subject: tbs.subject().clone(),
                subject_der: tbs.subject().to_der()?,
                ski,
                key_algorithm: PublicKeyInfo::from_der(&spki)
                    .map_err(|_| unknown())?
                    .algorithm(),
                key_label,
                key_role: if is_root {
                    KeyRole::RootCa
                } else {
                    KeyRole::IssuingCa
                },
                not_before: Some(not_before),
                not_after: Some(not_after),
            };
            let issuer = Issuer {
                signer,
                certificate_der,
                spki,
                issued_by: recorded.issuer,
                serial: key.serial,
                crl_shards: row.crl_shards,
                not_after,
            };
            issuers.insert(row.name, Arc::new(issuer));
        }
        *self.issuers.write() = issuers;
        Ok(())
    }
}
