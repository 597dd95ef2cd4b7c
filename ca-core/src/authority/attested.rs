//! Attestations of keys: read when a key is made, and again at each start in production.

use kasane_hsm::{BackendKind, KeyLabel};
use kasane_ledger_schema::{DeviceAlarmRaised, Event};

use super::Authority;
use crate::attestation::{self, AttestationFacts, Attested};
use crate::configuration::Mode;
use crate::projection::key as key_table;
use crate::reconcile::alarm;
use crate::{Actor, Error, blob};

/// Who made a key: what its attestation must say depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MadeBy {
    /// This authority, under its own label.
    Us,
    /// Another program, under a label of its own, perhaps outside the device.
    Others,
}

impl Authority {
    /// What the recorded attestation of a key says, checked against the configured roots; none for
    /// a key without one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown key, [`Error::Attestation`] when it does not verify.
    pub fn attestation_facts(&self, label: &KeyLabel) -> Result<Option<AttestationFacts>, Error> {
        let row =
            key_table::find(self.tables(), label.as_str())?.ok_or_else(|| Error::NotFound {
                kind: "key",
                name: label.to_string(),
                hint: "",
            })?;
        let (made_by, spki, blob) = match self.entry(row.index)?.event {
            Event::KeyGenerated(body) => (MadeBy::Us, body.spki, body.attestation),
            Event::KeyImported(body) => (MadeBy::Others, body.spki, body.attestation),
            _ => return Ok(None),
        };
        let Some(reference) = blob.as_ref().and_then(blob::reference) else {
            return Ok(None);
        };
        let attestation = self.ledger.blob(&reference)?;
        self.verify_attestation(label, made_by, spki.as_bytes(), &attestation)
            .map(Some)
    }

    /// Whether attestations can be verified at all.
    #[must_use]
    pub fn has_attestation_roots(&self) -> bool {
        !self.devices.attestation_roots.is_empty()
    }

    /// Decides about the attestation of a key that was just made or taken over.
    pub(super) fn judge_attestation(
        &self,
        label: &KeyLabel,
        made_by: MadeBy,
        spki: &[u8],
        attestation: &[u8],
    ) -> Result<(), Error> {
        let production = self.configuration.mode() == Mode::Production;
        if self.devices.attestation_roots.is_empty() && !production {
            tracing::warn!(
                key.label = %label,
                "the key's attestation is recorded unchecked: no attestation root is configured"
            );
            return Ok(());
        }
        match self.verify_attestation(label, made_by, spki, attestation) {
            Ok(facts) => {
                tracing::info!(
                    key.label = %label,
                    device.serial = facts.serial,
                    device.label = facts.label,
                    key.origin = facts.origin.0,
                    device.firmware = ?facts.firmware,
                    attestation.root = facts.root,
                    "the key's attestation verifies"
                );
                Ok(())
            }
            Err(error) if production => Err(error),
            Err(error) => {
                let detail = format!("key {label}: {}: {error}", error.code());
                tracing::error!(key.label = %label, code = error.code(), %error, "the key's attestation does not verify");
                let alarm = DeviceAlarmRaised {
                    device: String::new(),
                    serial: String::new(),
                    alarm: alarm::ATTESTATION.to_owned(),
                    detail,
                    number: None,
                };
                self.append(&Actor::system(), alarm.into())?;
                Ok(())
            }
        }
    }

    /// In production, what was attested when it was made must still verify: the roots are
    /// configuration and may have been taken away.
    pub(super) fn check_attestations(&self) -> Result<(), Error> {
        if self.configuration.mode() != Mode::Production
            || self.door.backend_kind() != BackendKind::Hardware
        {
            return Ok(());
        }
        for key in self.books()?.keys().filter(|key| !key.spki.is_empty()) {
            let label =
                KeyLabel::new(key.label.clone()).map_err(crate::signing::SigningError::from)?;
            if key_table::find(self.tables(), label.as_str())?.is_some()
                && self.attestation_facts(&label)?.is_none()
            {
                tracing::info!(key.label = %label, "the key is not attested by its device");
            }
        }
        Ok(())
    }

    fn verify_attestation(
        &self,
        label: &KeyLabel,
        made_by: MadeBy,
        spki: &[u8],
        attestation: &[u8],
    ) -> Result<AttestationFacts, Error> {
        let attested = Attested {
            label: label.as_str(),
            spki,
            serial: None,
        };
        let roots = &self.devices.attestation_roots;
        let facts = match made_by {
            MadeBy::Us => attestation::verify(attestation, roots, self.crypto(), &attested)?,
            MadeBy::Others => {
                attestation::verify_imported(attestation, roots, self.crypto(), spki)?
            }
        };
        if facts.simulator && self.door.backend_kind() == BackendKind::Hardware {
            return Err(attestation::AttestationError::Simulator { root: facts.root }.into());
        }
        Ok(facts)
    }
}
