//! The authority's own certificates: CAs, cross-certificates, OCSP signers.

use std::sync::Arc;

use der::{Decode, Encode};
use kasane_hsm::{KeyInfo, KeyLabel, KeyRole};
use kasane_ledger_schema::{IssuerActivated, OcspSignerActivated};
use kasane_verify::policy::{Act, Circumstances};
use kasane_verify::spki::PublicKeyInfo;
use x509_cert::TbsCertificate;
use x509_cert::name::Name;

use super::Authority;
use crate::issuer::Issuer;
use crate::pipeline::{CertificatePlan, CertificateTbs, Issued, SignerIdentity, subject_key_id};
use crate::profile::{Profile, ProfileKind};
use crate::projection::issuer as issuer_table;
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

impl Authority {
    /// Every issuer, by name.
    #[must_use]
    pub fn issuers(&self) -> Vec<Arc<Issuer>> {
        self.issuers.read().values().cloned().collect()
    }

    /// The names of every issuer.
    #[must_use]
    pub fn issuer_names(&self) -> Vec<String> {
        self.issuers.read().keys().cloned().collect()
    }

    /// The issuer of that name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn issuer(&self, name: &str) -> Result<Arc<Issuer>, Error> {
        self.issuers
            .read()
            .get(name)
            .cloned()
            .ok_or_else(|| Error::NotFound {
                kind: "issuer",
                name: name.to_owned(),
                hint: "",
            })
    }

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
            let activated = IssuerActivated {
                issuer: order.name.clone(),
                key_label: key_label.to_string(),
                record: issued.record,
                crl_shards,
            };
            self.append(requester.actor(), activated.into())?;
            self.reload_issuers()?;
        }
        Ok(issued)
    }

    /// Makes the certificate of a delegated OCSP signer, which answers from then on.
    ///
    /// # Errors
    /// The error of the step that refused.
    pub fn issue_ocsp_signer(
        &self,
        requester: &Requester,
        order: &OcspSignerOrder,
    ) -> Result<Issued, Error> {
        self.ensure_running()?;
        let profile = self.profile("ocsp-signer")?;
        let issuer = self.issuer(&order.issuer)?;
        let key = self.door.key(&order.key_label, KeyRole::OcspResponder)?;
        let now = self.now();
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
            ski: self.key_id(&key)?,
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
        let issued = self.run(requester, plan, profile)?;
        let activated = OcspSignerActivated {
            issuer: order.issuer.clone(),
            key_label: order.key_label.to_string(),
            record: issued.record,
            window_seconds: order.window_seconds,
        };
        self.append(requester.actor(), activated.into())?;
        Ok(issued)
    }

    fn run(
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

    fn key_id(&self, key: &KeyInfo) -> Result<Vec<u8>, Error> {
        let bits = kasane_verify::spki::key_bytes(&key.spki).map_err(|_| {
            crate::signing::SigningError::Key(kasane_hsm::Error::Damaged {
                label: key.label.clone(),
                reason: "its public key is no SubjectPublicKeyInfo",
            })
        })?;
        Ok(subject_key_id(bits))
    }

    /// Reads the issuers in force from the projection.
    pub(super) fn reload_issuers(&self) -> Result<(), Error> {
        let mut issuers = std::collections::BTreeMap::new();
        for row in issuer_table::all(self.tables())? {
            let recorded = self.recorded(row.record)?;
            let key = crate::projection::certificate::CertificateKey {
                issuer: recorded.issuer.clone(),
                serial: recorded.serial.as_bytes().to_vec(),
            };
            let detail = self.certificate(&key.issuer, &key.serial)?;
            let unknown = || Error::NotFound {
                kind: "issuer",
                name: row.name.clone(),
                hint: "",
            };
            let certificate_der = detail.der.ok_or_else(unknown)?;
            let tbs = TbsCertificate::from_der(recorded.tbs.as_bytes())?;
            let spki = tbs.subject_public_key_info().to_der()?;
            let ski = crate::pipeline::ski_of(&tbs).ok_or_else(unknown)?;
            let not_after = kasane_verify::UnixTime::from_seconds(recorded.not_after);
            let is_root = recorded.issuer == row.name;
            let key_label =
                KeyLabel::new(row.key_label.clone()).map_err(crate::signing::SigningError::from)?;
            let signer = SignerIdentity {
                name: row.name.clone(),
                subject: tbs.subject().clone(),
                subject_der: tbs.subject().to_der()?,
                ski,
                key_algorithm: PublicKeyInfo::from_der(&spki)
                    .map_err(|_| unknown())?
                    .algorithm(),
                key_label,
                key_role: if is_root {
                    KeyRole::RootCa
                } else {
                    KeyRole::IssuingCa
                },
                not_after: Some(not_after),
            };
            let issuer = Issuer {
                signer,
                certificate_der,
                spki,
                issued_by: recorded.issuer,
                serial: key.serial,
                crl_shards: row.crl_shards,
                not_after,
            };
            issuers.insert(row.name, Arc::new(issuer));
        }
        *self.issuers.write() = issuers;
        Ok(())
    }
}
