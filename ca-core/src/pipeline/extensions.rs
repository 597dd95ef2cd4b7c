//! The extensions of a certificate, row by row of its profile's table.

use const_oid::db::{rfc5280, rfc5912};
use der::asn1::{Ia5String, Null, OctetString};
use der::{Encode, Sequence};
use sha2::{Digest, Sha384};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints,
    CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage, FreshestCrl, NameConstraints,
    SubjectAltName, SubjectKeyIdentifier,
};

use super::CertificatePlan;
use crate::Error;
use crate::configuration::Configuration;
use crate::profile::{ExtensionRow, KnownExtension, Presence, Profile};

/// Builds every extension of the table that has something to say, in the table's order.
pub(super) fn build(
    plan: &CertificatePlan,
    profile: &Profile,
    configuration: &Configuration,
) -> Result<Vec<Extension>, Error> {
    let mut extensions = Vec::with_capacity(profile.extensions().rows().len());
    for row in profile.extensions().rows() {
        match content(row, plan, profile, configuration)? {
            Some(value) => extensions.push(Extension {
                extn_id: row.oid(),
                critical: row.is_critical(),
                extn_value: OctetString::new(value)?,
            }),
            None if row.presence == Presence::WhenAvailable => {}
            None => {
                return Err(Error::BadArgument {
                    what: "certificate",
                    reason: format!("{} has nothing for {}", profile.name(), row.extension),
                });
            }
        }
    }
    Ok(extensions)
}

fn content(
    row: &ExtensionRow,
    plan: &CertificatePlan,
    profile: &Profile,
    configuration: &Configuration,
) -> Result<Option<Vec<u8>>, Error> {
    Ok(Some(match row.extension {
        // RFC 5280 §4.2.1.1: the issuer's own identifier, copied, never computed again.
        KnownExtension::AuthorityKeyIdentifier => AuthorityKeyIdentifier {
            key_identifier: Some(OctetString::new(plan.signer.ski.as_slice())?),
            authority_cert_issuer: None,
            authority_cert_serial_number: None,
        }
        .to_der()?,
        KnownExtension::SubjectKeyIdentifier => {
            SubjectKeyIdentifier(OctetString::new(plan.ski.as_slice())?).to_der()?
        }
        KnownExtension::KeyUsage => profile.key_usage(plan.key_algorithm).to_der()?,
        KnownExtension::ExtendedKeyUsage => {
            ExtendedKeyUsage(profile.extended_key_usage().to_vec()).to_der()?
        }
        KnownExtension::BasicConstraints => BasicConstraints {
            ca: true,
            path_len_constraint: profile.path_len(),
        }
        .to_der()?,
        KnownExtension::CertificatePolicies => {
            let policies = policy_oids(plan, profile)
                .into_iter()
                .map(|policy_identifier| PolicyInformation {
                    policy_identifier,
                    policy_qualifiers: None,
                })
                .collect();
            CertificatePolicies(policies).to_der()?
        }
        KnownExtension::SubjectAltName if plan.subject_alt_names.is_empty() => return Ok(None),
        KnownExtension::SubjectAltName => {
            SubjectAltName(plan.subject_alt_names.clone()).to_der()?
        }
        KnownExtension::NameConstraints => return name_constraints(profile, configuration),
        KnownExtension::CrlDistributionPoints if plan.cdp_uris.is_empty() => return Ok(None),
        KnownExtension::CrlDistributionPoints => {
            CrlDistributionPoints(points(&plan.cdp_uris)?).to_der()?
        }
        KnownExtension::FreshestCrl if plan.freshest_crl_uris.is_empty() => return Ok(None),
        KnownExtension::FreshestCrl => FreshestCrl(points(&plan.freshest_crl_uris)?).to_der()?,
        KnownExtension::AuthorityInfoAccess => return authority_info(plan),
        KnownExtension::OcspNoCheck => Null.to_der()?,
        KnownExtension::RelatedCertificate => match &plan.related_certificate {
            Some(twin) => related_certificate(twin)?,
            None => return Ok(None),
        },
    }))
}

/// The policies a certificate asserts: its profile's own, or those below a CA.
pub(super) fn policy_oids(
    plan: &CertificatePlan,
    profile: &Profile,
) -> Vec<const_oid::ObjectIdentifier> {
    match profile.policy_oid(plan.key_algorithm) {
        Some(own) => vec![own],
        None => profile.policy_oids(plan.key_algorithm).to_vec(),
    }
}

fn points(uris: &[String]) -> Result<Vec<DistributionPoint>, Error> {
    uris.iter()
        .map(|uri| {
            let name = GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?);
            Ok(DistributionPoint {
                distribution_point: Some(DistributionPointName::FullName(vec![name])),
                reasons: None,
                crl_issuer: None,
            })
        })
        .collect()
}

fn authority_info(plan: &CertificatePlan) -> Result<Option<Vec<u8>>, Error> {
    let mut descriptions = Vec::new();
    for (access_method, uris) in [
        (rfc5280::ID_AD_OCSP, &plan.ocsp_uris),
        (rfc5280::ID_AD_CA_ISSUERS, &plan.ca_issuer_uris),
    ] {
        for uri in uris {
            let access_location = GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?);
            descriptions.push(AccessDescription {
                access_method,
                access_location,
            });
        }
    }
    if descriptions.is_empty() {
        return Ok(None);
    }
    Ok(Some(AuthorityInfoAccessSyntax(descriptions).to_der()?))
}

/// The nameConstraints of the profile, DER; none when it has none.
pub(crate) fn name_constraints(
    profile: &Profile,
    configuration: &Configuration,
) -> Result<Option<Vec<u8>>, Error> {
    let Some(constraints) = profile.name_constraints() else {
        return Ok(None);
    };
    let naming = &configuration.naming;
    let resolved = constraints.resolve(naming.operator().as_str(), naming.organization());
    let mut permitted = Vec::new();
    let mut permit = |base| {
        permitted.push(GeneralSubtree {
            base,
            minimum: 0,
            maximum: None,
        })
    };
    for name in &resolved.permitted_dns {
        permit(GeneralName::DnsName(Ia5String::new(name)?));
    }
    for host in &resolved.permitted_uri_hosts {
        permit(GeneralName::UniformResourceIdentifier(Ia5String::new(
            host,
        )?));
    }
    for base in &resolved.permitted_directories {
        permit(GeneralName::DirectoryName(
            naming.directory_base(&base.country, &base.organization)?,
        ));
    }
    let constraints = NameConstraints {
        permitted_subtrees: Some(permitted),
        excluded_subtrees: None,
    };
    Ok(Some(constraints.to_der()?))
}

/// RFC 9763 §4.1: the digest of the related certificate. SHA-384, the digest of the ECC hierarchy.
fn related_certificate(twin: &[u8]) -> Result<Vec<u8>, Error> {
    #[derive(Sequence)]
    struct RelatedCertificate {
        hash_algorithm: AlgorithmIdentifierOwned,
        hash_value: OctetString,
    }
    let related = RelatedCertificate {
        hash_algorithm: AlgorithmIdentifierOwned {
            oid: rfc5912::ID_SHA_384,
            parameters: None,
        },
        hash_value: OctetString::new(Sha384::digest(twin).to_vec())?,
    };
    Ok(related.to_der()?)
}
