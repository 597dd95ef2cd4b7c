//! The authority's own certificates: CAs, cross-certificates, OCSP signers.

use der::Encode;
use kasane_hsm::{KeyInfo, KeyLabel, KeyRole};
use kasane_verify::policy::{Act, Circumstances};
use x509_cert::name::Name;

use super::Authority;
use crate::issuer::Issuer;
use crate::pipeline::{CertificatePlan, CertificateTbs, Issued, SignerIdentity, subject_key_id};
use crate::profile::{Profile, ProfileKind};
use crate::{Error, Requester};

/// A CA certificate or cross-certificate to be made.
#[derive(Clone, Debug)]
pub struct CaCertificateOrder {
    /// The name of the certificate: for a CA the issuer's name, for a cross-certificate its own.
    pub name: String,
    /// The profile's name.
    pub profile: String,
    /// Who signs; the name itself for a root.
    pub issuer: String,
    /// What it certifies.
    pub subject: CaSubject,
}

/// What a CA certificate certifies.
#[derive(Clone, Debug)]
pub enum CaSubject {
    /// A new CA.
    New {
        /// The label of its key.
        key_label: KeyLabel,
        /// Its common name.
        common_name: String,
        /// CRL shards, a power of two.
        crl_shards: u32,
    },
    /// An existing CA's name and key, certified by another.
    Existing {
        /// That CA's name.
        ca: String,
    },
}

impl Authority {
    /// Makes a CA certificate or cross-certificate. A new CA may sign from then on.
    ///
    /// # Errors
    /// The error of the step that refused.
    pub fn issue_ca_certificate(
        &self,
        requester: &Requester,
        order: &CaCertificateOrder,
    ) -> Result<Issued, Error> {
        self.ensure_running()?;
        self.ensure_time()?;
        let profile = self.profile(&order.profile)?;
        let (subject, key, ski, crl_shards) = self.ca_subject(profile, order)?;
        let now = self.now();
        let self_signed = order.issuer == order.name;
        let subject_der = subject.to_der()?;
        let signer = if self_signed {
            SignerIdentity {
                name: order.name.clone(),
                subject: subject.clone(),
                subject_der,
                ski: ski.clone(),
                key_algorithm: key.algorithm,
                key_label: key.label.clone(),
                key_role: KeyRole::RootCa,
                not_before: None,
                not_after: None,
            }
        } else {
            self.issuer(&order.issuer)?.signer.clone()
        };
        if self_signed != (profile.kind() == ProfileKind::Root) {
            return Err(Error::ProfileNotForSubject {
                profile: order.profile.clone(),
                subject: order.name.clone(),
                reason: "a root signs itself, and only a root does",
            });
        }
        let provisional = Issuer {
            not_after: signer.not_after.unwrap_or(kasane_verify::UnixTime::MAX),
            certificate_der: Vec::new(),
            spki: Vec::new(),
            issued_by: String::new(),
            serial: Vec::new(),
            crl_shards: 1,
            signer,
        };
        let (not_after, not_after_cap) = self.not_after(
            profile,
            key.algorithm,
            &provisional,
            Act::IssueNew,
            &Circumstances::default(),
            now,
        )?;
        let signer = provisional.signer;
        let serial = self.unused_serial(&signer.name)?;
        let signer_shards = self
            .issuer(&signer.name)
            .map_or(1, |issuer| issuer.crl_shards);
        let crl_shard = crate::issuer::shard_of(signer_shards, &serial);
        let urls = &self.configuration.urls;
        let listed = |uri: String| if self_signed { Vec::new() } else { vec![uri] };
        let plan = CertificatePlan {
            cdp_uris: listed(urls.crl(&signer.name, crl_shard)),
            freshest_crl_uris: listed(urls.delta_crl(&signer.name, crl_shard)),
            ca_issuer_uris: listed(urls.ca_issuers(&signer.name)),
            ocsp_uris: Vec::new(),
            signer,
            profile_name: profile.name().to_owned(),
            subject_ref: format!("ca/{}", order.name),
            subject,
            spki: key.spki.clone(),
            key_algorithm: key.algorithm,
            ski,
            ski_is_given: matches!(order.subject, CaSubject::Existing { .. }),
            subject_alt_names: Vec::new(),
            serial,
            not_before: now,
            not_after,
            not_after_cap,
            now,
            crl_shard,
            related_certificate: None,
            requester: requester.actor().to_string(),
            request_key: None,
            request_sha256: None,
            renews: None,
        };
        let issued = self.run(requester, plan, profile)?;
        if let CaSubject::New { key_label, .. } = &order.subject {
            self.activate_issuer(
                requester.actor(),
                &order.name,
                key_label,
                crl_shards,
                issued.record,
            )?;
        }
        Ok(issued)
    }

    pub(super) fn run(
        &self,
        requester: &Requester,
        plan: CertificatePlan,
        profile: &Profile,
    ) -> Result<Issued, Error> {
        let actor = requester.actor();
        let tbs = CertificateTbs::build(plan, profile, &self.configuration, &self.timeline)?;
        let recorded = tbs.lint()?.record(&self.ledger, actor, self.now())?;
        self.sign(actor, recorded)?
            .finish(&self.ledger, actor, self.now())
    }

    /// Name, key, key identifier and CRL shards of what an order certifies.
    fn ca_subject(
        &self,
        profile: &Profile,
        order: &CaCertificateOrder,
    ) -> Result<(Name, KeyInfo, Vec<u8>, u32), Error> {
        match &order.subject {
            CaSubject::New {
                key_label,
                common_name,
                crl_shards,
            } => {
                if self.issuer(&order.name).is_ok() {
                    return Err(Error::Exists {
                        kind: "issuer",
                        name: order.name.clone(),
                    });
                }
                if !crl_shards.is_power_of_two() || *crl_shards > 256 {
                    return Err(Error::BadArgument {
                        what: "crl_shards",
                        reason: format!("{crl_shards} is no power of two from 1 to 256"),
                    });
                }
                let role = match profile.kind() {
                    ProfileKind::Root => KeyRole::RootCa,
                    _ => KeyRole::IssuingCa,
                };
                let key = self.door.key(key_label, role)?;
                if !profile.key_algorithms().contains(&key.algorithm) {
                    return Err(Error::KeyNotOfProfile {
                        profile: profile.name().to_owned(),
                        allowed: format!("{:?}", profile.key_algorithms()),
                        found: key.algorithm.to_string(),
                    });
                }
                let subject = self
                    .configuration
                    .naming
                    .authority_subject(profile.organizational_unit(), common_name)?;
                let ski = self.key_id(&key)?;
                Ok((subject, key, ski, *crl_shards))
            }
            CaSubject::Existing { ca } => {
                let ca = self.issuer(ca)?;
                let key = self.door.key(&ca.signer.key_label, ca.signer.key_role)?;
                Ok((
                    ca.signer.subject.clone(),
                    key,
                    ca.signer.ski.clone(),
                    ca.crl_shards,
                ))
            }
        }
    }

    pub(super) fn key_id(&self, key: &KeyInfo) -> Result<Vec<u8>, Error> {
        let bits = kasane_verify::spki::key_bytes(&key.spki).map_err(|_| {
            crate::signing::SigningError::Key(kasane_hsm::Error::Damaged {
                label: key.label.clone(),
                reason: "its public key is no SubjectPublicKeyInfo",
            })
        })?;
        Ok(subject_key_id(bits))
    }
}
