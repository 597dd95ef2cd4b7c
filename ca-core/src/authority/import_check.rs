//! What a certificate that was made elsewhere must say.

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Decode;
use kasane_verify::certificate::Certificate;
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::request::CertReq;

use super::Authority;
use super::import::{CertificateImport, refused};
use super::import_error::ImportError;
use super::time::CLOCK_TOLERANCE_SECONDS;
use crate::Error;
use crate::issuer::Issuer;
use crate::pipeline::name_constraints;
use crate::profile::{Profile, ProfileKind};

/// Highest CRL number of before that is taken: what is counted from there never overflows.
const MAX_LAST_CRL_NUMBER: u64 = 1 << 62;

impl Authority {
    /// What every CA must have, and what its profile asks of it.
    pub(super) fn check_contents(
        &self,
        order: &CertificateImport,
        profile: &Profile,
        certificate: &Certificate<'_>,
    ) -> Result<(), Error> {
        let now = self.now();
        let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
        if not_before > now.plus_seconds(CLOCK_TOLERANCE_SECONDS) || not_after <= now {
            return Err(ImportError::Validity {
                name: order.name.clone(),
                not_before,
                not_after,
                now,
            }
            .into());
        }
        if !order.crl_shards.is_power_of_two() || order.crl_shards > 256 {
            return Err(Error::BadArgument {
                what: "crl_shards",
                reason: format!("{} is no power of two from 1 to 256", order.crl_shards),
            });
        }
        if order.last_crl_number > MAX_LAST_CRL_NUMBER {
            return Err(Error::BadArgument {
                what: "last_crl_number",
                reason: format!("{} is above {MAX_LAST_CRL_NUMBER}", order.last_crl_number),
            });
        }
        let extensions = certificate.extensions();
        let algorithm = certificate.public_key_info().map(|it| it.algorithm());
        let usage = extensions.key_usage;
        let path_len = extensions.basic_constraints.and_then(|it| it.path_len);
        let any = ObjectIdentifier::new_unwrap("2.5.29.37.0");
        let purposes = |purpose: &ObjectIdentifier| {
            extensions
                .extended_key_usage
                .is_none_or(|it| it.contains(*purpose) || it.contains(any))
        };
        let fault = if !profile.is_ca() {
            Some("the profile is of no CA")
        } else if !certificate.is_ca() {
            Some("basicConstraints does not say that it is a CA")
        } else if !usage.is_some_and(|it| it.key_cert_sign() && it.crl_sign()) {
            Some("keyUsage does not allow to sign certificates and CRLs")
        } else if extensions.subject_key_id.is_none() {
            Some("it has no subjectKeyIdentifier, which what it signs must name")
        } else if extensions.unknown_critical.is_some() {
            Some("it has a critical extension that is not understood")
        } else if !algorithm.is_ok_and(|it| {
            profile.key_algorithms().contains(&it) || profile.import_key_algorithms().contains(&it)
        }) {
            Some("its key is of no algorithm in key_algorithms or import_key_algorithms")
        } else if profile.kind() != ProfileKind::Issuing && path_len == Some(0) {
            Some("pathLenConstraint 0 leaves no room for issuing CAs")
        } else if !profile.extended_key_usage().iter().all(purposes) {
            Some("extendedKeyUsage leaves out a purpose that subscribers have")
        } else if profile.kind() == ProfileKind::Cross && order.key_label.is_some() {
            Some("a cross-certificate has the key of the CA that it certifies: leave out key")
        } else if profile.kind() == ProfileKind::Cross && !self.certifies_known(certificate) {
            Some("a cross-certificate must certify name and key of a CA that is known here")
        } else if Issuer::of_certificate(
            &order.name,
            "",
            None,
            order.crl_shards,
            order.certificate.clone(),
        )
        .is_none()
        {
            Some("its subject is not written in the one form that can be written again")
        } else {
            None
        };
        match fault {
            Some(reason) => Err(refused(order, reason).into()),
            None => Ok(()),
        }
    }

    fn certifies_known(&self, certificate: &Certificate<'_>) -> bool {
        self.issuers().iter().any(|issuer| {
            issuer.signer.subject_der == certificate.subject().der()
                && issuer.spki == certificate.spki()
                && certificate.extensions().subject_key_id == Some(&issuer.signer.ski)
        })
    }

    /// The answer to a request of ours must be what the profile here would have made.
    pub(super) fn check_as_requested(
        &self,
        order: &CertificateImport,
        profile: &Profile,
        certificate: &Certificate<'_>,
    ) -> Result<(), Error> {
        let Some(request) = self.certification_request(&order.name)? else {
            return Ok(());
        };
        let request = CertReq::from_der(&request.der)?;
        let spki = der::Encode::to_der(&request.info.public_key)?;
        let subject = der::Encode::to_der(&request.info.subject)?;
        let extensions = certificate.extensions();
        let purposes: Vec<ObjectIdentifier> = extensions
            .extended_key_usage
            .iter()
            .flat_map(|it| it.iter())
            .filter_map(|oid| ObjectIdentifier::from_bytes(oid.as_bytes()).ok())
            .collect();
        let constraints = extensions
            .iter()
            .find(|it| *it.oid == NameConstraints::OID)
            .map(|it| it.value.to_vec());
        let fault = if certificate.spki() != spki {
            Some("it certifies another key")
        } else if certificate.subject().der() != subject {
            Some("it names another subject")
        } else if extensions.basic_constraints.and_then(|it| it.path_len)
            != profile.path_len().map(Into::into)
        {
            Some("its pathLenConstraint is not the profile's")
        } else if purposes != profile.extended_key_usage() {
            Some("its extendedKeyUsage is not the profile's")
        } else if constraints != name_constraints(profile, &self.configuration)? {
            Some("its nameConstraints are not the profile's")
        } else {
            None
        };
        match fault {
            Some(reason) => Err(ImportError::NotAsRequested {
                name: order.name.clone(),
                reason,
            }
            .into()),
            None => Ok(()),
        }
    }
}
