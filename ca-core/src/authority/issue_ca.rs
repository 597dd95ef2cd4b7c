//! The authority's own certificates: CAs, cross-certificates, OCSP signers.

use der::Encode;
use kasane_hsm::{KeyInfo, KeyLabel, KeyRole};
use kasane_verify::KeyAlgorithm;
use kasane_verify::policy::{Act, Circumstances};
use x509_cert::name::Name;

use super::Authority;
use crate::fail_point::FailPoint;
use crate::issuer::Issuer;
use crate::pipeline::{CertificatePlan, CertificateTbs, Issued, SignerIdentity, subject_key_id};
use crate::profile::{Profile, ProfileKind};
use crate::request::{EnrolmentRequest, same_name};
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
    /// A CA whose key is elsewhere, by its PKCS#10 request. It does not sign here.
    Requested {
        /// The request: its key is proven, its subject must be the one that is written here.
        request: Box<EnrolmentRequest>,
        /// The common name.
        common_name: String,
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
        let Certified {
            name: subject,
            spki,
            key_algorithm,
            key_label,
            ski,
        } = self.ca_subject(profile, order)?;
        let now = self.signing_time();
        let self_signed = order.issuer == order.name;
        let subject_der = subject.to_der()?;
        let signer = if self_signed {
            SignerIdentity {
                name: order.name.clone(),
                subject: subject.clone(),
                subject_der,
                ski: ski.clone(),
                key_algorithm,
                key_label,
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
            ended: false,
            imported_at: None,
            signer,
        };
        let (not_after, not_after_cap) = self.not_after(
            profile,
            key_algorithm,
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
            spki,
            key_algorithm,
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
            request_sha256: match &order.subject {
                CaSubject::Requested { request, .. } => Some(request.sha256().to_vec()),
                _ => None,
            },
            renews: None,
        };
        let issued = self.run(requester, plan, profile)?;
        if let CaSubject::New {
            key_label,
            crl_shards,
            ..
        } = &order.subject
        {
            self.activate_issuer(
                requester.actor(),
                &order.name,
                key_label,
                *crl_shards,
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
        let linted = tbs.lint()?;
        self.admit(linted.inner())?;
        let recorded = self.record_certificate(actor, linted)?;
        self.fail_points.reached(FailPoint::AuthorityRecorded);
        let signed = self.sign(actor, recorded)?;
        self.fail_points.reached(FailPoint::AuthoritySigned);
        let issued = signed.finish(&self.ledger, actor, self.now())?;
        self.fail_points.reached(FailPoint::AuthorityFinished);
        Ok(issued)
    }

    /// Name, key and key identifier of what an order certifies.
    fn ca_subject(
        &self,
        profile: &Profile,
        order: &CaCertificateOrder,
    ) -> Result<Certified, Error> {
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
                let key = self.door.key(key_label, ca_key_role(profile))?;
                certifiable(profile, key.algorithm)?;
                Ok(Certified {
                    name: self.ca_name(profile, common_name)?,
                    ski: self.key_id(&key)?,
                    spki: key.spki,
                    key_algorithm: key.algorithm,
                    key_label: Some(key.label),
                })
            }
            CaSubject::Existing { ca } => {
                let ca = self.issuer(ca)?;
                Ok(Certified {
                    name: ca.signer.subject.clone(),
                    spki: ca.spki.clone(),
                    key_algorithm: ca.signer.key_algorithm,
                    key_label: ca.signer.key_label.clone(),
                    ski: ca.signer.ski.clone(),
                })
            }
            CaSubject::Requested {
                request,
                common_name,
            } => {
                certifiable(profile, request.key().algorithm())?;
                let name = self.ca_name(profile, common_name)?;
                if !same_name(request.subject(), &name) {
                    return Err(Error::BadArgument {
                        what: "request",
                        reason: format!(
                            "it is of {}, but the script certifies {name}: the two authorities \
                             must have the same organization and common name",
                            request.subject()
                        ),
                    });
                }
                Ok(Certified {
                    name,
                    spki: request.key().spki_der().to_vec(),
                    key_algorithm: request.key().algorithm(),
                    key_label: None,
                    ski: subject_key_id(request.key().subject_public_key()),
                })
            }
        }
    }

    /// The DN of a CA of that profile.
    pub(super) fn ca_name(&self, profile: &Profile, common_name: &str) -> Result<Name, Error> {
        let unit = profile.organizational_unit();
        Ok(self
            .configuration
            .naming
            .authority_subject(unit, common_name)?)
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

/// What is to be certified.
struct Certified {
    name: Name,
    spki: Vec<u8>,
    key_algorithm: KeyAlgorithm,
    key_label: Option<KeyLabel>,
    ski: Vec<u8>,
}

/// The role of the key of a CA of that profile.
pub(super) fn ca_key_role(profile: &Profile) -> KeyRole {
    match profile.kind() {
        ProfileKind::Root => KeyRole::RootCa,
        _ => KeyRole::IssuingCa,
    }
}

pub(super) fn certifiable(profile: &Profile, algorithm: KeyAlgorithm) -> Result<(), Error> {
    if profile.key_algorithms().contains(&algorithm) {
        return Ok(());
    }
    Err(Error::KeyNotOfProfile {
        profile: profile.name().to_owned(),
        allowed: format!("{:?}", profile.key_algorithms()),
        found: algorithm.to_string(),
    })
}
