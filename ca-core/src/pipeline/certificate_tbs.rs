//! A `TBSCertificate` on its way to the door.

use const_oid::ObjectIdentifier;
use der::asn1::{GeneralizedTime, OctetString, UtcTime};
use der::{DateTime, Decode, Encode};
use kasane_hsm::Priority;
use kasane_ledger::Ledger;
use kasane_ledger_schema::{CertificateRecorded, Event};
use kasane_verify::policy::Timeline;
use kasane_verify::signature::algorithm_identifier;
use kasane_verify::{SignatureAlgorithm, UnixTime};
use sha2::{Digest, Sha256};
use signature::Keypair;
use spki::{
    AlgorithmIdentifierOwned, Document, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef,
};
use x509_cert::TbsCertificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use super::{CertificatePlan, SignerIdentity, ToBeSigned, extensions};
use crate::Error;
use crate::configuration::Configuration;
use crate::lint::{
    CertificateFacts, CertificateRole, Expected, ExpectedExtension, lint_certificate,
};
use crate::profile::{Presence, Profile, ProfileKind};
use crate::signing::Product;

/// The first second that needs GeneralizedTime: 2050-01-01T00:00:00Z (RFC 5280 §4.1.2.5).
const YEAR_2050: i64 = 2_524_608_000;

/// A `TBSCertificate` and what it was meant to be.
#[derive(Debug)]
pub struct CertificateTbs {
    pub(super) plan: CertificatePlan,
    pub(super) der: Vec<u8>,
    role: CertificateRole,
    key_usage: KeyUsage,
    extended_key_usage: Vec<ObjectIdentifier>,
    policy_oids: Vec<ObjectIdentifier>,
    path_len: Option<u8>,
    extensions: Vec<ExpectedExtension>,
    max_validity_seconds: i64,
}

impl CertificateTbs {
    /// Builds the bytes that `plan` and `profile` describe.
    ///
    /// # Errors
    /// [`Error::Encoding`] when a part cannot be encoded.
    pub fn build(
        plan: CertificatePlan,
        profile: &Profile,
        configuration: &Configuration,
        timeline: &Timeline,
    ) -> Result<Self, Error> {
        let algorithm = plan.signer.signature_algorithm();
        let contents = Contents {
            issuer: plan.signer.subject.clone(),
            subject: plan.subject.clone(),
            extensions: extensions::build(&plan, profile, configuration)?,
        };
        let validity = Validity::new(time(plan.not_before)?, time(plan.not_after)?);
        let spki = SubjectPublicKeyInfoOwned::from_der(&plan.spki)?;
        let mut builder =
            CertificateBuilder::new(contents, SerialNumber::new(&plan.serial)?, validity, spki)
                .map_err(builder_failed)?;
        let der = builder.finalize(&PublicHalf {
            algorithm,
            spki: &plan.spki,
        });
        let der = der.map_err(builder_failed)?;
        Ok(Self {
            role: role(profile.kind()),
            key_usage: profile.key_usage(plan.key_algorithm),
            extended_key_usage: profile.extended_key_usage().to_vec(),
            policy_oids: extensions::policy_oids(&plan, profile),
            path_len: profile.path_len(),
            extensions: profile
                .extensions()
                .rows()
                .iter()
                .map(|row| ExpectedExtension {
                    oid: row.oid(),
                    critical: row.is_critical(),
                    required: row.presence == Presence::Required,
                })
                .collect(),
            // From the profile again, not from the plan, so that the lint has something to check.
            // Both ends count (RFC 5280 §4.1.2.5).
            max_validity_seconds: profile
                .validity()
                .not_after(plan.now, timeline)?
                .seconds_since(plan.now)
                + 1,
            plan,
            der,
        })
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let plan = &self.plan;
        let subject_der = plan.subject.to_der()?;
        let expected = Expected {
            role: self.role,
            profile: &plan.profile_name,
            issuer_name_der: &plan.signer.subject_der,
            issuer_ski: Some(&plan.signer.ski),
            issuer_not_before: plan.signer.not_before,
            issuer_not_after: plan.signer.not_after,
            subject_der: &subject_der,
            subject_ski: plan.ski_is_given.then_some(plan.ski.as_slice()),
            serial: &plan.serial,
            spki_der: &plan.spki,
            key_algorithm: plan.key_algorithm,
            signature_algorithm: plan.signer.signature_algorithm(),
            key_usage: self.key_usage,
            extended_key_usage: &self.extended_key_usage,
            policy_oids: &self.policy_oids,
            path_len: self.path_len,
            subject_alt_names: &plan.subject_alt_names,
            extensions: &self.extensions,
            not_before_earliest: plan.now,
            not_after_cap: plan.not_after_cap,
            max_validity_seconds: self.max_validity_seconds,
            cdp_uris: &plan.cdp_uris,
            freshest_crl_uris: &plan.freshest_crl_uris,
            ocsp_uris: &plan.ocsp_uris,
            ca_issuer_uris: &plan.ca_issuer_uris,
            now: plan.now,
        };
        let facts = CertificateFacts::decode(&self.der, &expected)?;
        lint_certificate(&facts).into_result::<&str>(&[])?;
        Ok(())
    }
}

impl ToBeSigned for CertificateTbs {
    fn der(&self) -> &[u8] {
        &self.der
    }

    fn product(&self) -> Product {
        if self.role.is_ca() {
            Product::CaCertificate
        } else {
            Product::EndEntityCertificate
        }
    }

    fn signer(&self) -> &SignerIdentity {
        &self.plan.signer
    }

    fn priority(&self) -> Priority {
        Priority::Issuance
    }

    fn record_event(&self, _ledger: &Ledger) -> Result<Event, Error> {
        let plan = &self.plan;
        Ok(Event::CertificateRecorded(CertificateRecorded {
            requester: plan.requester.clone(),
            issuer: plan.signer.name.clone(),
            profile: plan.profile_name.clone(),
            subject: plan.subject_ref.clone(),
            serial: OctetString::new(plan.serial.as_slice())?,
            not_after: plan.not_after.seconds(),
            crl_shard: plan.crl_shard,
            spki_sha256: OctetString::new(Sha256::digest(&plan.spki).to_vec())?,
            tbs: OctetString::new(self.der.as_slice())?,
            request_key: plan.request_key.clone(),
            request_sha256: optional(plan.request_sha256.as_deref())?,
            renews: optional(plan.renews.as_deref())?,
        }))
    }
}

fn optional(bytes: Option<&[u8]>) -> Result<Option<OctetString>, der::Error> {
    bytes.map(OctetString::new).transpose()
}

const fn role(kind: ProfileKind) -> CertificateRole {
    match kind {
        ProfileKind::Root => CertificateRole::Root,
        ProfileKind::Issuing => CertificateRole::Issuing,
        ProfileKind::Cross => CertificateRole::Cross,
        ProfileKind::OcspSigner => CertificateRole::OcspSigner,
        ProfileKind::EndEntity | ProfileKind::Canary => CertificateRole::EndEntity,
    }
}

/// UTCTime up to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5).
pub(crate) fn time(at: UnixTime) -> Result<Time, der::Error> {
    let seconds = u64::try_from(at.seconds()).unwrap_or(0);
    let date_time = DateTime::from_unix_duration(std::time::Duration::from_secs(seconds))?;
    Ok(if at.seconds() < YEAR_2050 {
        Time::UtcTime(UtcTime::from_date_time(date_time)?)
    } else {
        Time::GeneralTime(GeneralizedTime::from_date_time(date_time))
    })
}

fn builder_failed(error: x509_cert::builder::Error) -> Error {
    Error::BadArgument {
        what: "certificate",
        reason: error.to_string(),
    }
}

/// What the builder asks for: names and ready extensions, in their order.
struct Contents {
    issuer: Name,
    subject: Name,
    extensions: Vec<Extension>,
}

impl BuilderProfile for Contents {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _subject: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        _tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        Ok(self.extensions.clone())
    }
}

/// The builder wants a signer; only its algorithm is ever asked, the signature comes from the door.
struct PublicHalf<'a> {
    algorithm: SignatureAlgorithm,
    spki: &'a [u8],
}

#[derive(Clone)]
struct PublicKeyDer(Vec<u8>);

impl Keypair for PublicHalf<'_> {
    type VerifyingKey = PublicKeyDer;

    fn verifying_key(&self) -> PublicKeyDer {
        PublicKeyDer(self.spki.to_vec())
    }
}

impl EncodePublicKey for PublicKeyDer {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(self.0.as_slice())?)
    }
}

impl DynSignatureAlgorithmIdentifier for PublicHalf<'_> {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        let algorithm = algorithm_identifier(self.algorithm);
        Ok(AlgorithmIdentifierOwned {
            oid: algorithm.oid,
            parameters: algorithm.parameters.map(Into::into),
        })
    }
}
