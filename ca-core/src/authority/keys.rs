//! Keys: made, recorded, and found again for the OCSP signers they serve.

use der::asn1::OctetString;
use kasane_hsm::{KeyInfo, KeyLabel, KeyRole};
use kasane_ledger_schema::{Event, KeyGenerated};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm, UnixTime};

use super::attested::MadeBy;
use super::open::backend_name;
use super::{Authority, DeviceAction};
use crate::blob;
use crate::projection::issuer as issuer_table;
use crate::projection::key as key_table;
use crate::signing::SigningError;
use crate::{Actor, Error};

/// A delegated OCSP signer whose certificate stands: issued and not revoked.
#[derive(Clone, Debug)]
pub struct OcspSigner {
    /// The issuer it answers for.
    pub issuer: String,
    /// The label of its key.
    pub key_label: KeyLabel,
    /// How it signs.
    pub signature_algorithm: SignatureAlgorithm,
    /// Its certificate, DER.
    pub certificate_der: Vec<u8>,
    /// Its key, DER `SubjectPublicKeyInfo`.
    pub spki: Vec<u8>,
    /// The serial of its certificate.
    pub serial: Vec<u8>,
    /// The start of its certificate.
    pub not_before: UnixTime,
    /// The end of its certificate, inclusive.
    pub not_after: UnixTime,
    /// Seconds from thisUpdate to nextUpdate of its responses.
    pub window_seconds: i64,
}

impl Authority {
    /// Makes a key and records that it was made. A key of that label which is there without an
    /// entry, as a crash between the two leaves it, is recorded now; one that has its entry is
    /// returned as it is.
    ///
    /// # Errors
    /// [`Error::KeyNotOfProfile`] when the label has a key of another algorithm; [`Error::Signing`]
    /// or [`Error::Ledger`].
    pub fn generate_key(
        &self,
        actor: &Actor,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        self.ensure_running()?;
        let _held = self.in_flight.hold(format!("key/{label}"));
        let recorded = self.recorded_spki(label)?;
        let mut made = false;
        let info = match self.door.key(label, role) {
            Ok(info) => info,
            // One that is on record and not there is to be restored, never to be made anew.
            Err(SigningError::Key(kasane_hsm::Error::KeyNotFound { .. })) if recorded.is_none() => {
                // Before the device is asked: a crash leaves no command without a note.
                self.note_key_action(actor, "generate", label, role)?;
                made = true;
                match self.door.generate(label, role, algorithm) {
                    // Another node that uses the same keys was faster.
                    Err(SigningError::Key(kasane_hsm::Error::KeyExists { .. })) => {
                        self.door.key(label, role)?
                    }
                    generated => generated?,
                }
            }
            Err(error) => return Err(error.into()),
        };
        if info.algorithm != algorithm {
            return Err(Error::KeyNotOfProfile {
                profile: format!("key {label}"),
                allowed: algorithm.to_string(),
                found: info.algorithm.to_string(),
            });
        }
        if let Some(recorded) = recorded {
            if self.door.shown_spki(label, role)? != recorded {
                return Err(SigningError::from(kasane_hsm::Error::Damaged {
                    label: label.clone(),
                    reason: "its public key is not the one on record",
                })
                .into());
            }
            return Ok(info);
        }
        if !made {
            self.note_key_action(actor, "attest", label, role)?;
        }
        let attestation = match self.door.attestation(label)? {
            Some(attestation) => {
                let attestation = attestation.concatenated();
                self.judge_attestation(label, MadeBy::Us, &info.spki, &attestation)?;
                Some(blob::put(&self.ledger, &attestation)?)
            }
            None => None,
        };
        let event = KeyGenerated {
            label: label.to_string(),
            role: info.role.to_string(),
            algorithm: info.algorithm.to_string(),
            backend: backend_name(self.door.backend_kind()).to_owned(),
            spki: OctetString::new(info.spki.clone())?,
            attestation,
        };
        self.append(actor, event.into())?;
        self.door.expect(label, &info.spki);
        Ok(info)
    }

    /// The public key on record under a label, DER.
    fn recorded_spki(&self, label: &KeyLabel) -> Result<Option<Vec<u8>>, Error> {
        let Some(row) = key_table::find(self.tables(), label.as_str())? else {
            return Ok(None);
        };
        Ok(match self.entry(row.index)?.event {
            Event::KeyGenerated(body) => Some(body.spki.as_bytes().to_vec()),
            Event::KeyImported(body) => Some(body.spki.as_bytes().to_vec()),
            _ => None,
        })
    }

    /// Only what a device will log needs a note; one that no log answers would explain a command
    /// that was never asked for.
    pub(super) fn note_key_action(
        &self,
        actor: &Actor,
        action: &str,
        label: &KeyLabel,
        role: KeyRole,
    ) -> Result<(), Error> {
        if !self.door.logs_commands_of(role) {
            return Ok(());
        }
        let action = DeviceAction {
            action,
            subject: label.as_str(),
            ..DeviceAction::default()
        };
        self.note_device_action(actor, &action)?;
        Ok(())
    }

    /// The OCSP signers of an issuer whose certificates stand and have not expired, oldest first.
    ///
    /// # Errors
    /// [`Error::Ledger`] or [`Error::Store`].
    pub fn ocsp_signers(&self, issuer: &str) -> Result<Vec<OcspSigner>, Error> {
        let now = self.now();
        let mut signers = Vec::new();
        for row in issuer_table::ocsp_signers(self.tables(), issuer)? {
            signers.extend(self.records().ocsp_signer(&row, now)?);
        }
        Ok(signers)
    }
}
