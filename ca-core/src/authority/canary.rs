//! Certificates that are made to be revoked.

use kasane_hsm::{InMemoryBackend, KeyBackend, KeyInfo, KeyLabel, KeyRole};
use kasane_verify::policy::{Act, Circumstances};
use kasane_verify::{KeyAlgorithm, KeyFamily};

use super::Authority;
use crate::pipeline::{CertificatePlan, Issued};
use crate::profile::CANARY;
use crate::signing::SigningError;
use crate::{Error, Requester};

/// A key that canaries are certified for. Its private half is gone before this value exists: nobody
/// can use such a certificate.
#[derive(Clone, Debug)]
pub struct CanaryKey(KeyInfo);

impl CanaryKey {
    /// A key for canaries of issuers with keys of that family.
    ///
    /// # Errors
    /// [`Error::Signing`] when no key can be made.
    pub fn generate(family: KeyFamily) -> Result<Self, Error> {
        let algorithm = match family {
            KeyFamily::Ecc => KeyAlgorithm::P384,
            KeyFamily::Rsa => KeyAlgorithm::RSA_2048,
        };
        let label = KeyLabel::new(CANARY.to_owned()).map_err(SigningError::from)?;
        // The backend keeps the private half and is dropped here.
        let key = InMemoryBackend::new()
            .generate(&label, KeyRole::OcspResponder, algorithm)
            .map_err(SigningError::from)?;
        Ok(Self(key))
    }
}

impl Authority {
    /// The CAs that canaries are made for: each that issues, and whose profile of canaries is in
    /// force. None under an authority that began before there were canaries.
    #[must_use]
    pub fn canary_issuers(&self) -> Vec<String> {
        let Some(profile) = self.profiles.get(CANARY) else {
            return Vec::new();
        };
        let now = self.now();
        let issuers = profile.issuers().iter();
        let issuing = issuers.filter_map(|name| self.issuer(name).ok());
        issuing
            .filter(|issuer| {
                issuer.has_key()
                    && !issuer.ended
                    && issuer.not_after > now
                    && !self.is_revoked(issuer)
            })
            .map(|issuer| issuer.name().to_owned())
            .collect()
    }

    /// Issues a certificate of `issuer` that is good for nothing but to be revoked.
    ///
    /// # Errors
    /// The error of the step that refused.
    pub fn issue_canary(
        &self,
        requester: &Requester,
        issuer: &str,
        key: &CanaryKey,
    ) -> Result<Issued, Error> {
        self.ensure_running()?;
        self.ensure_time()?;
        self.room.check()?;
        let profile = self.profile(CANARY)?;
        let issuer = self.issuer(issuer)?;
        let now = self.now();
        let (not_after, not_after_cap) = self.not_after(
            profile,
            key.0.algorithm,
            &issuer,
            Act::IssueNew,
            &Circumstances::default(),
            now,
        )?;
        let serial = self.unused_serial(issuer.name())?;
        let crl_shard = issuer.shard_of(&serial);
        let common_name = format!("canary-{}", hex::encode(&serial[..4]));
        let naming = &self.configuration.naming;
        let urls = &self.configuration.urls;
        let plan = CertificatePlan {
            profile_name: profile.name().to_owned(),
            subject_ref: format!("canary/{}", issuer.name()),
            subject: naming.authority_subject(profile.organizational_unit(), &common_name)?,
            ski: self.key_id(&key.0)?,
            spki: key.0.spki.clone(),
            key_algorithm: key.0.algorithm,
            ski_is_given: false,
            subject_alt_names: Vec::new(),
            serial,
            not_before: now,
            not_after,
            not_after_cap,
            now,
            crl_shard,
            cdp_uris: vec![urls.crl(issuer.name(), crl_shard)],
            freshest_crl_uris: vec![urls.delta_crl(issuer.name(), crl_shard)],
            ocsp_uris: vec![urls.ocsp(issuer.name())],
            ca_issuer_uris: vec![urls.ca_issuers(issuer.name())],
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
