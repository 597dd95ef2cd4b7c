//! Requests for certificates of our own keys, to a CA whose keys are elsewhere.

use der::Encode;
use kasane_hsm::KeyLabel;
use kasane_ledger_schema::Event;
use kasane_verify::SignatureAlgorithm;

use super::Authority;
use super::issue_ca::{ca_key_role, certifiable};
use crate::blob;
use crate::pipeline::{RequestTbs, SignerIdentity, assemble};
use crate::projection::{certification_request, key as key_table};
use crate::signing::SigningError;
use crate::{Actor, Error};

/// A request to be made.
#[derive(Clone, Debug)]
pub struct RequestOrder {
    /// The name that the certificate will have here: `issuing-rsa`.
    pub name: String,
    /// The profile's name.
    pub profile: String,
    /// The label of the key that is to be certified.
    pub key_label: KeyLabel,
    /// The common name that the certificate will have.
    pub common_name: String,
}

/// A signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificationRequest {
    /// The name that the certificate will have here.
    pub name: String,
    /// PKCS#10 (RFC 2986), DER.
    pub der: Vec<u8>,
    /// The device's attestation of the key, if it made one: DER certificates one after another.
    pub attestation: Option<Vec<u8>>,
}

impl Authority {
    /// Makes the PKCS#10 request of a CA key: recorded, signed through the door with that key.
    ///
    /// # Errors
    /// [`Error::KeyNotOfProfile`], [`Error::ProfileNotForSubject`] for a profile of no CA; otherwise
    /// the error of the step that failed.
    pub fn request_ca_certificate(
        &self,
        actor: &Actor,
        order: &RequestOrder,
    ) -> Result<CertificationRequest, Error> {
        self.ensure_running()?;
        let profile = self.profile(&order.profile)?;
        if !profile.is_ca() {
            return Err(Error::ProfileNotForSubject {
                profile: order.profile.clone(),
                subject: order.name.clone(),
                reason: "only certificates of CAs are requested elsewhere",
            });
        }
        let role = ca_key_role(profile);
        let key = self.door.key(&order.key_label, role)?;
        let of_ended = |issuer: &&std::sync::Arc<crate::issuer::Issuer>| {
            issuer.ended && issuer.signer.key_label.as_ref() == Some(&order.key_label)
        };
        if let Some(ended) = self.issuers().iter().find(of_ended) {
            return Err(Error::IssuerEnded {
                issuer: ended.name().to_owned(),
            });
        }
        certifiable(profile, key.algorithm)?;
        let subject = self.ca_name(profile, &order.common_name)?;
        let signer = SignerIdentity {
            name: order.name.clone(),
            subject_der: subject.to_der()?,
            subject,
            ski: self.key_id(&key)?,
            key_algorithm: key.algorithm,
            key_label: Some(key.label),
            key_role: role,
            not_before: None,
            not_after: None,
        };
        let linted = RequestTbs::build(&order.name, profile.name(), signer, &key.spki)?.lint()?;
        self.admit(linted.inner())?;
        let recorded = linted.record(&self.ledger, actor, self.now())?;
        let signed = self.sign(actor, recorded)?;
        signed.finish(&self.ledger, actor, self.now())?;
        self.certification_request(&order.name)?
            .ok_or_else(|| unknown(&order.name))
    }

    /// The signed request for the certificate `name`, put together from the ledger.
    ///
    /// # Errors
    /// [`Error::Ledger`] or [`Error::Store`].
    pub fn certification_request(&self, name: &str) -> Result<Option<CertificationRequest>, Error> {
        let Some(row) = certification_request::find(self.tables(), name)? else {
            return Ok(None);
        };
        let Some(outcome) = row.outcome else {
            return Ok(None);
        };
        let (
            Event::CertificationRequestRecorded(recorded),
            Event::CertificationRequestSigned(signed),
        ) = (self.entry(row.record)?.event, self.entry(outcome)?.event)
        else {
            return Err(unknown(name));
        };
        let (algorithm, attestation) = self.recorded_key(&row.key_label)?;
        Ok(Some(CertificationRequest {
            name: name.to_owned(),
            der: assemble(
                recorded.tbs.as_bytes(),
                algorithm,
                signed.signature.as_bytes(),
            )?,
            attestation,
        }))
    }

    /// How a recorded key signs, and its attestation.
    fn recorded_key(&self, label: &str) -> Result<(SignatureAlgorithm, Option<Vec<u8>>), Error> {
        let row = key_table::find(self.tables(), label)?.ok_or_else(|| unknown(label))?;
        let (algorithm, attestation) = match self.entry(row.index)?.event {
            Event::KeyGenerated(body) => (body.algorithm, body.attestation),
            Event::KeyImported(body) => (body.algorithm, body.attestation),
            _ => return Err(unknown(label)),
        };
        let algorithm: kasane_verify::KeyAlgorithm = algorithm.parse().map_err(|_| {
            SigningError::Key(kasane_hsm::Error::UnknownRole {
                name: label.to_owned(),
            })
        })?;
        let attestation = match attestation.as_ref().and_then(blob::reference) {
            Some(blob) => Some(self.ledger.blob(&blob)?),
            None => None,
        };
        Ok((algorithm.default_signature(), attestation))
    }
}

fn unknown(name: &str) -> Error {
    Error::NotFound {
        kind: "certification request",
        name: name.to_owned(),
        hint: "",
    }
}
