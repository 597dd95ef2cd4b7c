//! A `CertificationRequestInfo` on its way to the door.

use der::asn1::OctetString;
use der::{Decode, Encode};
use kasane_hsm::Priority;
use kasane_ledger::Ledger;
use kasane_ledger_schema::{CertificationRequestRecorded, Event};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::request::{CertReqInfo, Version};

use super::{SignerIdentity, ToBeSigned};
use crate::Error;
use crate::signing::Product;

/// A PKCS#10 request of one of our keys to a CA whose keys are elsewhere (RFC 2986 §4.1). It has no
/// attributes: what the certificate says is decided where it is signed.
#[derive(Debug)]
pub struct RequestTbs {
    name: String,
    profile: String,
    pub(super) signer: SignerIdentity,
    spki: Vec<u8>,
    pub(super) der: Vec<u8>,
}

impl RequestTbs {
    /// The request for a certificate `name` of that profile, for the key of `signer`.
    ///
    /// # Errors
    /// [`Error::Encoding`].
    pub fn build(
        name: &str,
        profile: &str,
        signer: SignerIdentity,
        spki: &[u8],
    ) -> Result<Self, Error> {
        let info = CertReqInfo {
            version: Version::V1,
            subject: signer.subject.clone(),
            public_key: SubjectPublicKeyInfoOwned::from_der(spki)?,
            attributes: x509_cert::attr::Attributes::default(),
        };
        Ok(Self {
            name: name.to_owned(),
            profile: profile.to_owned(),
            spki: spki.to_vec(),
            der: info.to_der()?,
            signer,
        })
    }

    /// The bytes, taken apart again, say what they were meant to say.
    pub(super) fn check(&self) -> Result<(), Error> {
        let info = CertReqInfo::from_der(&self.der)?;
        let fits = info.subject == self.signer.subject
            && info.public_key.to_der()? == self.spki
            && info.attributes.is_empty();
        if fits {
            return Ok(());
        }
        Err(Error::BadArgument {
            what: "request",
            reason: format!("the bytes for {} do not say what was meant", self.name),
        })
    }
}

impl ToBeSigned for RequestTbs {
    fn der(&self) -> &[u8] {
        &self.der
    }

    fn product(&self) -> Product {
        Product::CertificationRequest
    }

    fn signer(&self) -> &SignerIdentity {
        &self.signer
    }

    fn priority(&self) -> Priority {
        Priority::Issuance
    }

    fn record_event(&self, _ledger: &Ledger) -> Result<Event, Error> {
        let key_label = self.signer.key_label.as_ref();
        Ok(Event::CertificationRequestRecorded(
            CertificationRequestRecorded {
                name: self.name.clone(),
                profile: self.profile.clone(),
                key_label: key_label.map(ToString::to_string).unwrap_or_default(),
                tbs: OctetString::new(self.der.as_slice())?,
            },
        ))
    }
}
