//! Signers of an edge: the key is made here, the certificate asked for, and what they sign counted.

use std::collections::HashMap;
use std::time::Duration;

use der::{Decode, Encode};
use kasane_hsm::{KeyInfo, KeyLabel, KeyRole};
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use parking_lot::Mutex;
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::name::Name;
use x509_cert::request::{CertReqInfo, Version};

use super::{FeedError, Follower, SignerRequest};
use crate::Error;
use crate::authority::OcspSigner;
use crate::issuer::Issuer;
use crate::pipeline::assemble;
use crate::projection::certificate::{self, State};
use crate::projection::unpadded;
use crate::signing::SigningError;
use crate::status_source::StatusSource;

/// A certificate that was given is waited for in the ledger so long: the authority signs a checkpoint
/// when it gives one.
const ARRIVAL_STEP: Duration = Duration::from_millis(50);
const ARRIVAL_STEPS: u32 = 200;

/// One that did not arrive meanwhile is not asked for again before.
const REST_SECONDS: i64 = 300;

/// What was asked for and did not arrive yet.
#[derive(Debug, Default)]
pub(super) struct Orders(Mutex<HashMap<String, UnixTime>>);

impl Follower {
    /// A key of that label and a certificate for it, which answers once the ledger has it.
    pub(super) fn order(
        &self,
        issuer: &Issuer,
        label: &KeyLabel,
        window_seconds: i64,
    ) -> Result<(Vec<u8>, UnixTime), Error> {
        let clock = self.parts.clock.now();
        let given = self.orders.0.lock().get(label.as_str()).copied();
        if given.is_some_and(|at| at <= clock && clock.seconds_since(at) < REST_SECONDS) {
            return Err(Error::Feed(FeedError::Refused {
                code: "follower.awaited".to_owned(),
                message: format!(
                    "the certificate of {label} was given and is awaited in the ledger"
                ),
            }));
        }
        // It would be replaced again and again, for nothing.
        let present = self.now();
        let begun = |signer: &OcspSigner| signer.not_before <= present;
        if !self.ocsp_signers(issuer.name())?.iter().all(begun) {
            return Err(Error::Feed(FeedError::Refused {
                code: "follower.clock-late".to_owned(),
                message: format!(
                    "{} has a signer that begins in the future by the clock here: set it right",
                    issuer.name()
                ),
            }));
        }
        let algorithm = issuer.signer.key_algorithm;
        let key = match self.door.key(label, KeyRole::OcspResponder) {
            Ok(key) => key,
            Err(SigningError::Key(kasane_hsm::Error::KeyNotFound { .. })) => {
                self.door
                    .generate(label, KeyRole::OcspResponder, algorithm)?
            }
            Err(error) => return Err(error.into()),
        };
        if key.algorithm != algorithm {
            return Err(Error::KeyNotOfProfile {
                profile: format!("key {label}"),
                allowed: algorithm.to_string(),
                found: key.algorithm.to_string(),
            });
        }
        let der = self.parts.feed.order_signer(&SignerRequest {
            issuer: issuer.name().to_owned(),
            key_label: label.to_string(),
            window_seconds,
            request: self.request(&key)?,
        })?;
        let malformed = |what: &str| {
            Error::Feed(FeedError::Malformed {
                what: what.to_owned(),
            })
        };
        let certificate =
            Certificate::from_der(&der).map_err(|error| malformed(&error.to_string()))?;
        if certificate.spki() != key.spki {
            return Err(malformed("the certificate is of another key"));
        }
        let serial = unpadded(certificate.serial()).to_vec();
        self.orders.0.lock().insert(label.to_string(), clock);
        self.await_certificate(issuer.name(), &serial)?;
        self.orders.0.lock().remove(label.as_str());
        Ok((serial, certificate.not_after()))
    }

    /// PKCS#10 (RFC 2986), with an empty subject: the authority names its signers itself.
    fn request(&self, key: &KeyInfo) -> Result<Vec<u8>, Error> {
        let info = CertReqInfo {
            version: Version::V1,
            subject: Name::default(),
            public_key: SubjectPublicKeyInfoOwned::from_der(&key.spki)?,
            attributes: x509_cert::attr::Attributes::default(),
        }
        .to_der()?;
        let algorithm = key.algorithm.default_signature();
        let signature = self
            .door
            .sign_signer_request(&key.label, algorithm, &info)?;
        Ok(assemble(&info, algorithm, &signature)?)
    }

    fn await_certificate(&self, issuer: &str, serial: &[u8]) -> Result<(), Error> {
        for _ in 0..ARRIVAL_STEPS {
            let found = certificate::find(&*self.tables, issuer, serial)?;
            let history =
                crate::projection::responder::signers(&*self.tables, &self.enrolment.name)?;
            if found.is_some_and(|row| {
                row.state == State::Issued && history.iter().any(|it| it.record == row.record)
            }) {
                return Ok(());
            }
            self.parts.pause.pause(ARRIVAL_STEP);
        }
        Err(Error::Feed(FeedError::Refused {
            code: "follower.awaited".to_owned(),
            message: "a signer's certificate was given and did not arrive in the ledger yet"
                .to_owned(),
        }))
    }

    /// Tells the authority how many responses each key signed since the last time.
    ///
    /// # Errors
    /// [`Error::Feed`]: they are told the next time.
    pub fn count_signatures(&self) -> Result<(), Error> {
        let usages = self.door.usages();
        let mut counts = Vec::new();
        let mut told = Vec::new();
        for (label, usage) in &usages {
            let writing = usage.writing();
            let (made, new) = writing.made();
            if new > 0 {
                counts.push((label.to_string(), new));
                told.push((writing, made));
            }
        }
        if counts.is_empty() {
            return Ok(());
        }
        self.parts.feed.count_signatures(&counts)?;
        for (writing, made) in told {
            writing.noted(made);
        }
        Ok(())
    }
}
