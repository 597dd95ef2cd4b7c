//! The steps, each looked up before it is made.

use der::asn1::OctetString;
use kasane_hsm::{KeyLabel, KeyRole};
use kasane_ledger_schema::CeremonyStep;
use kasane_verify::pem;
use sha2::{Digest, Sha256};

use super::script::sha256;
use super::{
    CeremonyError, CertificateStep, CrlStep, CrossStep, ImportCrlStep, ImportStep, KeyStep,
    OcspSignerStep, RequestStep, Script, StepReport, Surroundings,
};
use crate::authority::{
    Authority, CaCertificateOrder, CaSubject, CertificateImport, OcspSignerOrder, RequestOrder,
};
use crate::fail_point::FailPoint;
use crate::pipeline::Issued;
use crate::projection::{issuer as issuer_table, key as key_table};
use crate::signing::SigningError;
use crate::{Actor, Error, Requester};

/// The kind of document that ends a ceremony: the checkpoint that covers it.
pub(super) const CHECKPOINT: &str = "ceremony-checkpoint";

/// The step that ends a ceremony.
const COMPLETE: &str = "ceremony complete";

pub(super) struct Ceremony<'a, 's> {
    pub(super) authority: &'a Authority,
    pub(super) script_sha256: [u8; 32],
    pub(super) surroundings: Surroundings<'s>,
    pub(super) report: &'a mut dyn FnMut(&StepReport),
}

impl Ceremony<'_, '_> {
    /// Runs every step that was not done yet.
    pub(super) fn steps(&mut self, script: &Script, complete: bool) -> Result<(), Error> {
        self.devices(script)?;
        for step in &script.keys {
            self.key(step)?;
        }
        if self.surroundings.only_keys {
            return Ok(());
        }
        for step in &script.requests {
            self.request(step)?;
        }
        for step in &script.imports {
            self.import(step)?;
        }
        for step in &script.crl_imports {
            self.import_crl(step)?;
        }
        for step in &script.certificates {
            self.certificate(step)?;
        }
        for step in &script.crosses {
            self.cross(step)?;
        }
        for step in &script.ocsp_signers {
            self.ocsp_signer(step)?;
        }
        if self.surroundings.publish.is_none() {
            return match script.crls.is_empty() {
                true => Ok(()),
                false => Err(CeremonyError::NoPublisher.into()),
            };
        }
        let every = self.every_issuer();
        let crls = if script.crls.is_empty() {
            &every
        } else {
            &script.crls
        };
        for step in crls {
            self.crl(step)?;
        }
        if complete {
            return Ok(());
        }
        self.done(COMPLETE.to_owned(), script.ceremony.name.clone())?;
        let note = self.authority.checkpoint()?;
        let name = &script.ceremony.name;
        self.authority.adopt_document(CHECKPOINT, name, &note)?;
        Ok(())
    }

    /// The devices that hold the keys are noted once, when the first key of a script is to be made.
    fn devices(&mut self, script: &Script) -> Result<(), Error> {
        let first = script.keys.first();
        let begun = match first {
            Some(step) => key_table::find(self.authority.tables(), &step.label)?.is_some(),
            None => true,
        };
        if begun {
            return Ok(());
        }
        for (name, it) in self.surroundings.devices {
            let detail = format!(
                "{} {}, serial {}, firmware {}",
                it.manufacturer, it.model, it.serial, it.firmware
            );
            self.done(format!("device {name}"), detail)?;
        }
        Ok(())
    }

    fn key(&mut self, step: &KeyStep) -> Result<(), Error> {
        let name = self.enter(format!("key {}", step.label));
        let label = label(&step.label)?;
        let role: KeyRole = step.role.parse().map_err(SigningError::from)?;
        if let Some(row) = key_table::find(self.authority.tables(), &step.label)? {
            return self.done_before(name, format!("{} {}", row.algorithm, row.role));
        }
        let info = self
            .authority
            .generate_key(&Actor::ceremony(), &label, role, step.algorithm)?;
        self.done(name, format!("{} {}", info.algorithm, info.role))
    }

    fn request(&mut self, step: &RequestStep) -> Result<(), Error> {
        let name = self.enter(format!("request {}", step.name));
        let digest = |der: &[u8]| format!("SHA-256 {}", hex::encode(Sha256::digest(der)));
        if let Some(made) = self.authority.certification_request(&step.name)? {
            return self.done_before(name, digest(&made.der));
        }
        let order = RequestOrder {
            name: step.name.clone(),
            profile: step.profile.clone(),
            key_label: label(&step.key)?,
            common_name: step.common_name.clone(),
        };
        let made = self
            .authority
            .request_ca_certificate(&Actor::ceremony(), &order)?;
        self.done(name, digest(&made.der))
    }

    fn import(&mut self, step: &ImportStep) -> Result<(), Error> {
        let name = self.enter(format!("import {}", step.name));
        let certificate = self.file(&name, &step.certificate, "CERTIFICATE")?;
        let order = CertificateImport {
            name: step.name.clone(),
            profile: step.profile.clone().unwrap_or_else(|| step.name.clone()),
            sha256: digest_of(&name, &step.sha256)?,
            certificate,
            key_label: step.key.as_deref().map(label).transpose()?,
            crl_shards: step.crl_shards,
            last_crl_number: step.last_crl_number,
        };
        let imported = self
            .authority
            .import_certificate(&Actor::ceremony(), &order)?;
        let detail = format!("serial {}", hex::encode(imported.serial));
        self.done_or_before(name, detail, imported.done_before)
    }

    fn import_crl(&mut self, step: &ImportCrlStep) -> Result<(), Error> {
        let name = self.enter(format!("import_crl of {}", step.issuer));
        let crl = self.file(&name, &step.crl, "X509 CRL")?;
        same_digest(&name, &step.crl, &crl, &step.sha256)?;
        let imported = self
            .authority
            .import_crl(&Actor::ceremony(), &step.issuer, &crl)?;
        let detail = format!("number {}, {} entries", imported.number, imported.entries);
        self.done_or_before(name, detail, imported.done_before)
    }

    fn certificate(&mut self, step: &CertificateStep) -> Result<(), Error> {
        let name = self.enter(format!("certificate {}", step.name));
        if let Ok(issuer) = self.authority.issuer(&step.name) {
            return self.done_before(name, format!("serial {}", hex::encode(&issuer.serial)));
        }
        let subject = format!("ca/{}", step.name);
        let now = self.authority.now();
        let made = self.authority.certificates_of(&subject)?;
        if let Some((key, row)) = made.iter().find(|(_, row)| row.is_live(now)) {
            let detail = format!("serial {}", hex::encode(&key.serial));
            let Some(key_label) = step.key.as_deref() else {
                return self.done_before(name, detail);
            };
            // Issued, but interrupted before it could sign: it is put to work, not made again.
            let (actor, shards) = (Actor::ceremony(), step.crl_shards);
            let key_label = label(key_label)?;
            self.authority
                .activate_issuer(&actor, &step.name, &key_label, shards, row.record)?;
            return self.done(name, detail);
        }
        let subject = match (&step.key, &step.request) {
            (None, Some(path)) => {
                let request = self.read(&name, path)?;
                let request = self.authority.read_request(&request)?;
                let digest = step.request_sha256.as_deref().unwrap_or_default();
                same_digest(&name, path, request.der(), digest)?;
                CaSubject::Requested {
                    request: Box::new(request),
                    common_name: step.common_name.clone(),
                }
            }
            (key, _) => CaSubject::New {
                key_label: label(key.as_deref().unwrap_or_default())?,
                common_name: step.common_name.clone(),
                crl_shards: step.crl_shards,
            },
        };
        let order = CaCertificateOrder {
            name: step.name.clone(),
            profile: step.profile.clone(),
            issuer: step.issuer.clone(),
            subject,
        };
        self.issue(name, &order)
    }

    fn cross(&mut self, step: &CrossStep) -> Result<(), Error> {
        let name = self.enter(format!("cross-certificate {}", step.name));
        let existing = self
            .authority
            .certificates_of(&format!("ca/{}", step.name))?;
        let now = self.authority.now();
        if let Some((key, _)) = existing.iter().find(|(_, row)| row.is_live(now)) {
            return self.done_before(name, format!("serial {}", hex::encode(&key.serial)));
        }
        let order = CaCertificateOrder {
            name: step.name.clone(),
            profile: step.profile.clone(),
            issuer: step.issuer.clone(),
            subject: CaSubject::Existing {
                ca: step.subject.clone(),
            },
        };
        self.issue(name, &order)
    }

    fn issue(&mut self, name: String, order: &CaCertificateOrder) -> Result<(), Error> {
        let requester = Requester::ceremony();
        let issued = self.authority.issue_ca_certificate(&requester, order)?;
        self.done(name, serial_of(&issued))
    }

    fn ocsp_signer(&mut self, step: &OcspSignerStep) -> Result<(), Error> {
        let name = self.enter(format!(
            "OCSP signer of {} with key {}",
            step.issuer, step.key
        ));
        let signers = issuer_table::ocsp_signers(self.authority.tables(), &step.issuer)?;
        if signers.iter().any(|row| row.key_label == step.key) {
            return self.done_before(name, format!("key {}", step.key));
        }
        let order = OcspSignerOrder {
            issuer: step.issuer.clone(),
            key_label: label(&step.key)?,
            window_seconds: i64::from(step.window_hours) * 3600,
        };
        let issued = self
            .authority
            .issue_ocsp_signer(&Requester::ceremony(), &order)?;
        self.done(name, serial_of(&issued))
    }

    fn every_issuer(&self) -> Vec<CrlStep> {
        let issuers = self.authority.issuers();
        let own = issuers.iter().filter(|issuer| issuer.has_key());
        own.map(|issuer| CrlStep {
            issuer: issuer.name().to_owned(),
            shards: None,
        })
        .collect()
    }

    fn crl(&mut self, step: &CrlStep) -> Result<(), Error> {
        let issuer = self.authority.issuer(&step.issuer)?;
        let all: Vec<u32> = (0..issuer.crl_shards).collect();
        for shard in step.shards.as_ref().unwrap_or(&all) {
            let name = self.enter(format!("crl {}/{shard}", step.issuer));
            let series = self.authority.crl_series(&step.issuer, *shard)?;
            if let Some(full) = series.full {
                self.done_before(name, format!("number {}", full.number))?;
                continue;
            }
            let publish = self.surroundings.publish.as_mut();
            let publish = publish.ok_or(CeremonyError::NoPublisher)?;
            let number = publish(&step.issuer, *shard)?;
            self.done(name, format!("number {number}"))?;
        }
        Ok(())
    }

    /// A file that the script names, in DER.
    fn file(&self, step: &str, path: &str, pem_label: &'static str) -> Result<Vec<u8>, Error> {
        let octets = self.read(step, path)?;
        if pem::is_der(&octets) {
            return Ok(octets);
        }
        let refuse = |reason: String| CeremonyError::File {
            step: step.to_owned(),
            path: path.to_owned(),
            reason,
        };
        let mut blocks =
            pem::blocks(&octets, pem_label).map_err(|error| refuse(error.to_string()))?;
        match (blocks.pop(), blocks.is_empty()) {
            (Some(block), true) => Ok(block),
            _ => Err(refuse(format!("it has not exactly one {pem_label} block")).into()),
        }
    }

    fn read(&self, step: &str, path: &str) -> Result<Vec<u8>, CeremonyError> {
        let read = self.surroundings.read;
        let content = read.map_or_else(|| Err("no files can be read here".into()), |it| it(path));
        content.map_err(|reason| CeremonyError::File {
            step: step.to_owned(),
            path: path.to_owned(),
            reason,
        })
    }

    fn enter(&self, step: String) -> String {
        self.authority.enter_step(&step);
        step
    }

    fn done_or_before(&mut self, step: String, detail: String, before: bool) -> Result<(), Error> {
        if before {
            return self.done_before(step, detail);
        }
        self.done(step, detail)
    }

    fn done(&mut self, step: String, detail: String) -> Result<(), Error> {
        let event = CeremonyStep {
            script_sha256: OctetString::new(self.script_sha256.to_vec())?,
            step: step.clone(),
            detail: detail.clone(),
        };
        self.authority.append(&Actor::ceremony(), event.into())?;
        self.authority.reached(FailPoint::StepDone);
        (self.report)(&StepReport {
            step,
            detail,
            done_before: false,
        });
        Ok(())
    }

    fn done_before(&mut self, step: String, detail: String) -> Result<(), Error> {
        (self.report)(&StepReport {
            step,
            detail,
            done_before: true,
        });
        Ok(())
    }
}

fn serial_of(issued: &Issued) -> String {
    format!("serial {}", hex::encode(&issued.serial))
}

fn label(text: &str) -> Result<KeyLabel, Error> {
    Ok(KeyLabel::new(text).map_err(SigningError::from)?)
}

fn digest_of(step: &str, text: &str) -> Result<[u8; 32], CeremonyError> {
    sha256(text).ok_or_else(|| CeremonyError::Value {
        place: step.to_owned(),
        reason: format!("{text:?} is no SHA-256"),
    })
}

fn same_digest(step: &str, path: &str, der: &[u8], text: &str) -> Result<(), CeremonyError> {
    let found: [u8; 32] = Sha256::digest(der).into();
    if found == digest_of(step, text)? {
        return Ok(());
    }
    Err(CeremonyError::File {
        step: step.to_owned(),
        path: path.to_owned(),
        reason: format!(
            "its SHA-256 is {}, but {text} was reviewed",
            hex::encode(found)
        ),
    })
}
