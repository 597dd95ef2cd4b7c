//! Certificates of delegated OCSP signers.

use kasane_hsm::{KeyLabel, KeyRole};
use kasane_ledger_schema::OcspSignerActivated;
use kasane_verify::KeyAlgorithm;
use kasane_verify::policy::{Act, Circumstances};

use super::Authority;
use crate::pipeline::{CertificatePlan, Issued};
use crate::{Error, Requester};

/// A delegated OCSP signer's certificate to be made.
#[derive(Clone, Debug)]
pub struct OcspSignerOrder {
    /// The issuer it will answer for.
    pub issuer: String,
    /// The label of its key, which must have the role of an OCSP responder.
    pub key_label: KeyLabel,
    /// Seconds from thisUpdate to nextUpdate of its responses.
    pub window_seconds: i64,
}

/// The key that a signer's certificate will name.
pub(super) struct SubjectKey {
    pub(super) algorithm: KeyAlgorithm,
    /// Its identifier (RFC 5280 §4.2.1.2).
    pub(super) ski: Vec<u8>,
    /// DER `SubjectPublicKeyInfo`.
    pub(super) spki: Vec<u8>,
}

impl Authority {
    /// Makes the certificate of a delegated OCSP signer, which answers from then on.
    ///
    /// # Errors
    /// The error of the step that refused.
    pub fn issue_ocsp_signer(
        &self,
        requester: &Requester,
        order: &OcspSignerOrder,
    ) -> Result<Issued, Error> {
        let key = self.door.key(&order.key_label, KeyRole::OcspResponder)?;
        let ski = self.key_id(&key)?;
        let subject_key = SubjectKey {
            algorithm: key.algorithm,
            ski,
            spki: key.spki,
        };
        let issued = self.certify_ocsp_signer(requester, &order.issuer, subject_key)?;
        let activated = OcspSignerActivated {
            issuer: order.issuer.clone(),
            key_label: order.key_label.to_string(),
            record: issued.record,
            window_seconds: order.window_seconds,
        };
        self.append(requester.actor(), activated.into())?;
        Ok(issued)
    }

    /// Makes the certificate of an OCSP signer, wherever its key is. It answers once an entry says
    /// so.
    pub(super) fn certify_ocsp_signer(
        &self,
        requester: &Requester,
        issuer: &str,
        key: SubjectKey,
    ) -> Result<Issued, Error> {
        self.ensure_running()?;
        let profile = self.profile("ocsp-signer")?;
        let issuer = self.issuer(issuer)?;
        let now = self.signing_time();
        let (not_after, not_after_cap) = self.not_after(
            profile,
            key.algorithm,
            &issuer,
            Act::IssueNew,
            &Circumstances::default(),
            now,
        )?;
        let serial = self.unused_serial(issuer.name())?;
        let common_name = format!(
            "OCSP signer of {} {}",
            issuer.name(),
            hex::encode(&serial[..4])
        );
        let plan = CertificatePlan {
            profile_name: profile.name().to_owned(),
            subject_ref: format!("ocsp-signer/{}", issuer.name()),
            subject: self
                .configuration
                .naming
                .authority_subject(profile.organizational_unit(), &common_name)?,
            ski: key.ski,
            spki: key.spki,
            key_algorithm: key.algorithm,
            ski_is_given: false,
            subject_alt_names: Vec::new(),
            crl_shard: issuer.shard_of(&serial),
            serial,
            not_before: now,
            not_after,
            not_after_cap,
            now,
            cdp_uris: Vec::new(),
            freshest_crl_uris: Vec::new(),
            ocsp_uris: Vec::new(),
            ca_issuer_uris: Vec::new(),
            related_certificate: None,
            requester: requester.actor().to_string(),
            request_key: None,
            request_sha256: None,
            renews: None,
            signer: issuer.signer.clone(),
        };
        self.run(requester, plan, profile)
    }
}
