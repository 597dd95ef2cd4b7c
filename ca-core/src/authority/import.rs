//! Taking over certificates that were made elsewhere: with their key, when that is here.

use der::asn1::OctetString;
use kasane_hsm::{KeyInfo, KeyLabel};
use kasane_ledger_schema::{CertificateImported, Event, IssuerImported, KeyImported};
use kasane_verify::certificate::Certificate;
use sha2::{Digest, Sha256};

use super::Authority;
use super::attested::MadeBy;
use super::import_error::ImportError;
use super::issue_ca::ca_key_role;
use super::open::backend_name;
use crate::profile::{Profile, ProfileKind};
use crate::projection::{key as key_table, unpadded};
use crate::{Actor, Error, blob};

/// A certificate of a CA, made elsewhere.
#[derive(Clone, Debug)]
pub struct CertificateImport {
    /// The name here: `root-rsa`, `root-ecc-by-rsa`.
    pub name: String,
    /// The profile whose rules it is held against.
    pub profile: String,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// SHA-256 of the certificate, as reviewed.
    pub sha256: [u8; 32],
    /// The label of its key, when that is here.
    pub key_label: Option<KeyLabel>,
    /// CRL shards, a power of two.
    pub crl_shards: u32,
    /// The highest CRL number that was used elsewhere.
    pub last_crl_number: u64,
}

/// What was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The name here of the CA that signed it; its own name for a root.
    pub issued_by: String,
    /// Its serial.
    pub serial: Vec<u8>,
    /// Whether it had been taken over before.
    pub done_before: bool,
}

impl Authority {
    /// Takes over a CA (profiles of kind root and issuing) or a cross-certificate. Everything is
    /// checked first; nothing is recorded unless all of it fits.
    ///
    /// # Errors
    /// [`Error::Import`]; [`Error::Exists`] when another certificate has the name;
    /// [`Error::Signing`] when the key is not there or has another role.
    pub fn import_certificate(
        &self,
        actor: &Actor,
        order: &CertificateImport,
    ) -> Result<Imported, Error> {
        self.ensure_running()?;
        self.ensure_time()?;
        let profile = self.profile(&order.profile)?;
        let name = || order.name.clone();
        let certificate = Certificate::from_der(&order.certificate).map_err(|source| {
            ImportError::Certificate {
                name: name(),
                source,
            }
        })?;
        let found: [u8; 32] = Sha256::digest(&order.certificate).into();
        if found != order.sha256 {
            return Err(ImportError::Digest {
                name: name(),
                found: hex::encode(found),
                expected: hex::encode(order.sha256),
            }
            .into());
        }
        let issued_by = self.signer_of(order, profile, &certificate)?;
        let serial = unpadded(certificate.serial()).to_vec();
        let imported = |done_before| Imported {
            issued_by: issued_by.clone(),
            serial: serial.clone(),
            done_before,
        };
        let subject = format!("ca/{}", order.name);
        if let Some((key, _)) = self.certificates_of(&subject)?.first() {
            if key.serial == serial && key.issuer == issued_by {
                let _held = self.hold_crl_of(&issued_by, &serial);
                if let Some(revoked) = self.revoked_by_current_crl(&issued_by, &serial)? {
                    self.append(actor, revoked)?;
                }
                return Ok(imported(true));
            }
            return Err(Error::Exists {
                kind: "certificate of CA",
                name: name(),
            });
        }
        self.check_contents(order, profile, &certificate)?;
        self.check_as_requested(order, profile, &certificate)?;
        let octets = OctetString::new(order.certificate.as_slice())?;
        let mut events: Vec<Event> = Vec::new();
        let mut taken_over = None;
        if profile.kind() == ProfileKind::Cross {
            events.push(Event::CertificateImported(CertificateImported {
                name: name(),
                profile: order.profile.clone(),
                issued_by: issued_by.clone(),
                certificate: octets,
            }));
        } else {
            if let Some(label) = &order.key_label {
                let key = self.door.key(label, ca_key_role(profile))?;
                same_key(&order.name, &key, certificate.spki())?;
                events.extend(self.key_imported(actor, &key)?);
                taken_over = Some(key);
            }
            events.push(Event::IssuerImported(IssuerImported {
                issuer: name(),
                profile: order.profile.clone(),
                issued_by: issued_by.clone(),
                certificate: octets,
                crl_shards: order.crl_shards,
                last_crl_number: order.last_crl_number,
                key_label: order.key_label.as_ref().map(ToString::to_string),
            }));
        }
        // A CRL that comes meanwhile would look for a certificate that is not there yet.
        let _held = self.hold_crl_of(&issued_by, &serial);
        events.extend(self.revoked_by_current_crl(&issued_by, &serial)?);
        self.append_all(actor, events)?;
        if let Some(key) = taken_over {
            self.door.expect(&key.label, &key.spki);
        }
        self.reload_issuers()?;
        Ok(imported(false))
    }

    /// The name of the CA that signed it, whose signature verifies. A root vouches for itself; what
    /// vouches for the root is the reviewed hash.
    fn signer_of(
        &self,
        order: &CertificateImport,
        profile: &Profile,
        certificate: &Certificate<'_>,
    ) -> Result<String, Error> {
        let unknown = || ImportError::IssuerUnknown {
            name: order.name.clone(),
            issuer: certificate.issuer().to_string(),
        };
        let verifies = |spki: &[u8]| {
            certificate.signature_algorithm().is_ok_and(|algorithm| {
                let (tbs, signature) = (certificate.tbs(), certificate.signature());
                self.crypto.verify(algorithm, spki, tbs, signature).is_ok()
            })
        };
        let key_id = certificate.extensions().authority_key_id;
        let key_id = key_id.and_then(|it| it.key_id);
        if profile.kind() == ProfileKind::Root {
            let own_key_id = certificate.extensions().subject_key_id;
            let is_own = certificate.is_self_issued()
                && (key_id.is_none() || key_id == own_key_id)
                && verifies(certificate.spki());
            if !is_own {
                return Err(refused(order, "it is not signed by itself, as a root is").into());
            }
            self.refuse_signed_here(order, certificate.spki())?;
            return Ok(order.name.clone());
        }
        let issuer = self.issuers().into_iter().find(|issuer| {
            issuer.signer.subject_der == certificate.issuer().der()
                && key_id.is_none_or(|id| id == issuer.signer.ski)
                && verifies(&issuer.spki)
        });
        let issuer = issuer.ok_or_else(unknown)?;
        self.refuse_signed_here(order, &issuer.spki)?;
        let above = Certificate::from_der(&issuer.certificate_der).map_err(|_| unknown())?;
        let room = above
            .extensions()
            .basic_constraints
            .and_then(|it| it.path_len);
        if !issuer.is_root() || room == Some(0) {
            return Err(refused(order, "its issuer may have no CA below itself").into());
        }
        Ok(issuer.name().to_owned())
    }

    /// What a key that was made here signs has its own entry: a certificate of it that comes from
    /// outside was signed behind the ledger's back.
    fn refuse_signed_here(&self, order: &CertificateImport, spki: &[u8]) -> Result<(), Error> {
        let books = self.books()?;
        for key in books.keys().filter(|key| key.spki == spki) {
            let Some(row) = key_table::find(self.tables(), &key.label)? else {
                continue;
            };
            if matches!(self.entry(row.index)?.event, Event::KeyGenerated(_)) {
                return Err(ImportError::SignedHere {
                    name: order.name.clone(),
                    label: key.label.clone(),
                }
                .into());
            }
        }
        Ok(())
    }

    /// The entry of a key that was there before, unless it has one.
    fn key_imported(&self, actor: &Actor, key: &KeyInfo) -> Result<Option<Event>, Error> {
        if key_table::find(self.tables(), key.label.as_str())?.is_some() {
            return Ok(None);
        }
        // The device logs that it was asked.
        self.note_key_action(actor, "attest", &key.label, key.role)?;
        let attestation = match self.door.attestation(&key.label)? {
            Some(attestation) => {
                let attestation = attestation.concatenated();
                self.judge_attestation(&key.label, MadeBy::Others, &key.spki, &attestation)?;
                Some(blob::put(&self.ledger, &attestation)?)
            }
            None => None,
        };
        Ok(Some(Event::KeyImported(KeyImported {
            label: key.label.to_string(),
            role: key.role.to_string(),
            algorithm: key.algorithm.to_string(),
            backend: backend_name(self.door.backend_kind()).to_owned(),
            spki: OctetString::new(key.spki.clone())?,
            attestation,
        })))
    }
}

fn same_key(name: &str, key: &KeyInfo, spki: &[u8]) -> Result<(), ImportError> {
    if key.spki == spki {
        return Ok(());
    }
    Err(ImportError::OtherKey {
        name: name.to_owned(),
        label: key.label.to_string(),
        here: hex::encode(Sha256::digest(&key.spki)),
        there: hex::encode(Sha256::digest(spki)),
    })
}

pub(super) fn refused(order: &CertificateImport, reason: &'static str) -> ImportError {
    ImportError::Profile {
        name: order.name.clone(),
        profile: order.profile.clone(),
        reason,
    }
}
