//! What a subscriber's certificate will say: profile, dated policy, issuer, registration.

use std::sync::Arc;

use kasane_verify::policy::{Act, Circumstances, IssuanceQuestion, Verdict};
use kasane_verify::{KeyAlgorithm, KeyFamily, UnixTime};

use super::Authority;
use crate::Error;
use crate::issuer::Issuer;
use crate::key_quality::CheckedKey;
use crate::pipeline::{
    Authorized, CertificatePlan, CertificateTbs, RequestIdentity, new_serial, subject_key_id,
};
use crate::profile::{KnownExtension, NotAfterQuestion, Profile};
use crate::projection::certificate;
use crate::random::RandomSource;

impl Authority {
    /// Algorithm, validity and cap at the present: everything that the certificate will say.
    pub(super) fn prepare(&self, authorized: Authorized<'_>) -> Result<CertificateTbs, Error> {
        let Authorized {
            requester,
            profile,
            identity,
            key,
            act,
            circumstances,
            ..
        } = authorized;
        let mut plan = self.subscriber_plan(profile, &identity, &key, act, &circumstances)?;
        plan.related_certificate = self.live_twin(profile, key.algorithm(), &identity, plan.now)?;
        plan.requester = requester.actor().to_string();
        plan.request_key = authorized.request_key;
        plan.request_sha256 = Some(authorized.request_sha256.to_vec());
        plan.renews = authorized.renews;
        CertificateTbs::build(plan, profile, &self.configuration, &self.timeline)
    }

    /// What profile, policy, issuer and registration say of a certificate for `key`, signed now.
    pub(super) fn subscriber_plan(
        &self,
        profile: &Profile,
        identity: &RequestIdentity,
        key: &CheckedKey,
        act: Act,
        circumstances: &Circumstances,
    ) -> Result<CertificatePlan, Error> {
        let issuer = self.issuer_for(profile, key.algorithm())?;
        let now = self.now();
        let (not_after, not_after_cap) =
            self.not_after(profile, key.algorithm(), &issuer, act, circumstances, now)?;
        let serial = self.unused_serial(issuer.name())?;
        let crl_shard = issuer.shard_of(&serial);
        let urls = &self.configuration.urls;
        Ok(CertificatePlan {
            signer: issuer.signer.clone(),
            profile_name: profile.name().to_owned(),
            subject_ref: identity.subject_ref.clone(),
            subject: identity.subject.clone(),
            spki: key.spki_der().to_vec(),
            key_algorithm: key.algorithm(),
            ski: subject_key_id(key.subject_public_key()),
            ski_is_given: false,
            subject_alt_names: identity.subject_alt_names.clone(),
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
            requester: String::new(),
            request_key: None,
            request_sha256: None,
            renews: None,
        })
    }

    /// The end of validity that profile, policy and issuer allow, and the policy's cap.
    pub(super) fn not_after(
        &self,
        profile: &Profile,
        key: KeyAlgorithm,
        issuer: &Issuer,
        act: Act,
        circumstances: &Circumstances,
        now: UnixTime,
    ) -> Result<(UnixTime, Option<UnixTime>), Error> {
        let signature = issuer.signer.signature_algorithm();
        let mut question = IssuanceQuestion {
            class: profile.class(),
            act,
            key,
            signature,
            now,
            not_after: now,
            circumstances: circumstances.clone(),
        };
        // What the policy refuses now has no validity to compute.
        if self.timeline.issuance(&question).is_permitted() {
            question.not_after = profile.not_after(
                &NotAfterQuestion {
                    act,
                    key,
                    signature,
                    now,
                    issuer_not_after: Some(issuer.not_after),
                    circumstances,
                },
                &self.timeline,
            )?;
        }
        let decision = self.timeline.issuance(&question);
        match decision.verdict {
            Verdict::Permit { not_after_cap } => Ok((question.not_after, not_after_cap)),
            Verdict::Refuse => Err(Error::PolicyRefuses {
                profile: profile.name().to_owned(),
                key: key.to_string(),
                reason: decision.reason,
                rule: decision.rule.to_string(),
                phase: decision.phase.id().to_owned(),
            }),
        }
    }

    /// The first issuer for such a key that is there and not at its end.
    pub(super) fn issuer_for(
        &self,
        profile: &Profile,
        key: KeyAlgorithm,
    ) -> Result<Arc<Issuer>, Error> {
        let now = self.now();
        self.profiles
            .issuers_for(profile, key)
            .filter_map(|issuer| self.issuer(issuer.name()).ok())
            .find(|issuer| {
                let signs = issuer.has_key() && !issuer.ended && issuer.not_after > now;
                signs && !self.is_revoked(issuer)
            })
            .ok_or_else(|| Error::NotFound {
                kind: "issuer",
                name: profile.issuers().join(" or "),
                hint: ": no CA of this profile is active",
            })
    }

    /// Whether an issuer, or one above it, was revoked: it still signs status, never certificates.
    pub(super) fn is_revoked(&self, issuer: &Arc<Issuer>) -> bool {
        let mut issuer = Arc::clone(issuer);
        loop {
            let row = certificate::find(self.tables(), &issuer.issued_by, &issuer.serial);
            // What cannot be read is not trusted.
            if !matches!(row, Ok(Some(row)) if row.revocation.is_none()) {
                return true;
            }
            if issuer.is_root() {
                return false;
            }
            match self.issuer(&issuer.issued_by) {
                Ok(above) => issuer = above,
                Err(_) => return true,
            }
        }
    }

    pub(super) fn unused_serial(&self, issuer: &str) -> Result<Vec<u8>, Error> {
        let planned = self.planned();
        let random: &dyn RandomSource = match &planned {
            Some(planned) => &**planned,
            None => self.random(),
        };
        loop {
            let serial = new_serial(random)?;
            if certificate::find(self.tables(), issuer, &serial)?.is_none() {
                return Ok(serial.to_vec());
            }
        }
    }

    /// The live RSA certificate of the same subject, for the profile that names it (RFC 9763).
    fn live_twin(
        &self,
        profile: &Profile,
        key: KeyAlgorithm,
        identity: &RequestIdentity,
        now: UnixTime,
    ) -> Result<Option<Vec<u8>>, Error> {
        if key.family() != KeyFamily::Ecc
            || !profile.extensions().has(KnownExtension::RelatedCertificate)
        {
            return Ok(None);
        }
        let twins = self.profiles.iter().filter(|other| {
            let rsa = |key: &KeyAlgorithm| key.family() == KeyFamily::Rsa;
            other.class() == profile.class() && other.key_algorithms().iter().all(rsa)
        });
        let mut twin: Option<certificate::CertificateRow> = None;
        for other in twins {
            let subject = &identity.subject_ref;
            let found = certificate::of_subject_and_profile(self.tables(), subject, other.name())?;
            let newest = found
                .into_iter()
                .map(|(_, row)| row)
                .rfind(|row| row.is_live(now));
            twin = twin.into_iter().chain(newest).max_by_key(|row| row.record);
        }
        match twin {
            Some(row) => self.certificate_der(&row),
            None => Ok(None),
        }
    }
}
