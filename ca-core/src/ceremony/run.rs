//! Running a script, step by step.

use der::asn1::OctetString;
use kasane_hsm::{KeyLabel, KeyRole};
use kasane_ledger_schema::CeremonyStep;
use sha2::{Digest, Sha256};

use super::{CeremonyError, CertificateStep, CrossStep, KeyStep, OcspSignerStep, Script};
use crate::authority::{Authority, CaCertificateOrder, CaSubject, OcspSignerOrder};
use crate::projection::{document, issuer as issuer_table, key as key_table};
use crate::signing::SigningError;
use crate::{Actor, Error, Requester};

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// The step: `key root-ecc`, `certificate root-ecc-by-rsa`.
    pub step: String,
    /// What came of it.
    pub detail: String,
    /// Whether it had been done before.
    pub done_before: bool,
}

/// Runs every step that was not done yet.
///
/// # Errors
/// [`CeremonyError::OtherScript`] when the authority was begun with another script; otherwise the
/// error of the step that failed. Steps that were done stay done.
pub fn run(
    authority: &Authority,
    script_text: &str,
    report: &mut dyn FnMut(&StepReport),
) -> Result<(), Error> {
    let script = Script::from_toml(script_text)?;
    let script_sha256: [u8; 32] = Sha256::digest(script_text.as_bytes()).into();
    let recorded = document::find(authority.tables(), "ceremony-script", "ceremony")?;
    if let Some(recorded) = recorded.filter(|row| row.sha256 != script_sha256) {
        return Err(CeremonyError::OtherScript {
            recorded: hex::encode(recorded.sha256),
        }
        .into());
    }
    let mut ceremony = Ceremony {
        authority,
        script_sha256,
        report,
    };
    for step in &script.keys {
        ceremony.key(step)?;
    }
    for step in &script.certificates {
        ceremony.certificate(step)?;
    }
    for step in &script.crosses {
        ceremony.cross(step)?;
    }
    for step in &script.ocsp_signers {
        ceremony.ocsp_signer(step)?;
    }
    Ok(())
}

struct Ceremony<'a> {
    authority: &'a Authority,
    script_sha256: [u8; 32],
    report: &'a mut dyn FnMut(&StepReport),
}

impl Ceremony<'_> {
    fn key(&mut self, step: &KeyStep) -> Result<(), Error> {
        let name = format!("key {}", step.label);
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

    fn certificate(&mut self, step: &CertificateStep) -> Result<(), Error> {
        let name = format!("certificate {}", step.name);
        if let Ok(issuer) = self.authority.issuer(&step.name) {
            return self.done_before(name, format!("serial {}", hex::encode(&issuer.serial)));
        }
        let key_label = label(&step.key)?;
        // Issued, but interrupted before it could sign: it is put to work, not made again.
        let subject = format!("ca/{}", step.name);
        let now = self.authority.now();
        let made = self.authority.certificates_of(&subject)?;
        if let Some((key, row)) = made.iter().find(|(_, row)| row.is_live(now)) {
            let (actor, shards) = (Actor::ceremony(), step.crl_shards);
            self.authority
                .activate_issuer(&actor, &step.name, &key_label, shards, row.record)?;
            return self.done(name, format!("serial {}", hex::encode(&key.serial)));
        }
        let order = CaCertificateOrder {
            name: step.name.clone(),
            profile: step.profile.clone(),
            issuer: step.issuer.clone(),
            subject: CaSubject::New {
                key_label,
                common_name: step.common_name.clone(),
                crl_shards: step.crl_shards,
            },
        };
        let issued = self
            .authority
            .issue_ca_certificate(&Requester::ceremony(), &order)?;
        self.done(name, format!("serial {}", hex::encode(&issued.serial)))
    }

    fn cross(&mut self, step: &CrossStep) -> Result<(), Error> {
        let name = format!("cross-certificate {}", step.name);
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
        let issued = self
            .authority
            .issue_ca_certificate(&Requester::ceremony(), &order)?;
        self.done(name, format!("serial {}", hex::encode(&issued.serial)))
    }

    fn ocsp_signer(&mut self, step: &OcspSignerStep) -> Result<(), Error> {
        let name = format!("OCSP signer of {}", step.issuer);
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
        self.done(name, format!("serial {}", hex::encode(&issued.serial)))
    }

    fn done(&mut self, step: String, detail: String) -> Result<(), Error> {
        let event = CeremonyStep {
            script_sha256: OctetString::new(self.script_sha256.to_vec())?,
            step: step.clone(),
            detail: detail.clone(),
        };
        self.authority.append(&Actor::ceremony(), event.into())?;
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

fn label(text: &str) -> Result<KeyLabel, Error> {
    Ok(KeyLabel::new(text).map_err(SigningError::from)?)
}
