//! The CAs that are known, and those of them that may sign.

use std::sync::Arc;

use kasane_hsm::KeyLabel;
use kasane_ledger_schema::IssuerActivated;

use super::Authority;
use crate::issuer::Issuer;
use crate::profile::ProfileKind;
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
        let issuers = self.records().issuers()?;
        *self.issuers.write() = issuers;
        Ok(())
    }
}
