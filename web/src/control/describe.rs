//! What a certificate says, for people.

use der::pem::LineEnding;
use kasane_verify::certificate::{Certificate, GeneralName, KeyUsage};
use sha2::{Digest, Sha256};

use super::{CertificateContent, ExitClass, Problem};

/// What a certificate says.
///
/// # Errors
/// When it cannot be read.
pub fn describe_certificate(der: &[u8]) -> Result<CertificateContent, Problem> {
    let certificate = Certificate::from_der(der)
        .map_err(|error| Problem::new(ExitClass::Refused, error.code(), error.to_string()))?;
    let extensions = certificate.extensions();
    let basic = extensions.basic_constraints;
    Ok(CertificateContent {
        serial: certificate.serial_hex(),
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        key: certificate
            .public_key_info()
            .map_or_else(|error| error.to_string(), |key| key.algorithm().to_string()),
        signature: certificate
            .signature_algorithm()
            .map_or_else(|error| error.to_string(), |algorithm| algorithm.to_string()),
        is_ca: certificate.is_ca(),
        path_len: basic.and_then(|basic| basic.path_len),
        subject_alt_names: extensions
            .subject_alt_name
            .iter()
            .flat_map(|names| names.iter())
            .map(general_name)
            .collect(),
        key_usage: extensions.key_usage.map(key_usage).unwrap_or_default(),
        extended_key_usage: extensions
            .extended_key_usage
            .iter()
            .flat_map(|usage| usage.iter())
            .map(|oid| purpose(&oid.to_string()))
            .collect(),
        policies: extensions
            .certificate_policies
            .iter()
            .flat_map(|policies| policies.iter())
            .map(ToString::to_string)
            .collect(),
        crl_uris: extensions
            .crl_distribution_points
            .iter()
            .flat_map(|points| points.uris())
            .map(str::to_owned)
            .collect(),
        ocsp_uris: extensions
            .authority_info_access
            .iter()
            .flat_map(|access| access.ocsp_uris())
            .map(str::to_owned)
            .collect(),
        subject_key_id: extensions.subject_key_id.map(hex::encode),
        authority_key_id: extensions
            .authority_key_id
            .as_ref()
            .and_then(|id| id.key_id)
            .map(hex::encode),
        related_certificate: extensions
            .related_certificate
            .map(|it| hex::encode(it.hash)),
        sha256: hex::encode(Sha256::digest(der)),
    })
}

/// A certificate as PEM (RFC 7468).
pub(super) fn certificate_pem(der: &[u8]) -> Result<String, Problem> {
    der::pem::encode_string("CERTIFICATE", LineEnding::LF, der)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))
}

fn general_name(name: GeneralName<'_>) -> String {
    match name {
        GeneralName::Uri(uri) => format!("uri:{uri}"),
        GeneralName::Dns(name) => format!("dns:{name}"),
        GeneralName::Rfc822(mailbox) => format!("email:{mailbox}"),
        GeneralName::Directory(name) => format!("directory:{name}"),
        GeneralName::Ip(octets) => format!("ip:{}", hex::encode(octets)),
        GeneralName::Other(octets)
        | GeneralName::X400(octets)
        | GeneralName::EdiParty(octets)
        | GeneralName::RegisteredId(octets) => format!("other:{}", hex::encode(octets)),
    }
}

fn key_usage(usage: KeyUsage) -> Vec<String> {
    [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
    ]
    .into_iter()
    .filter(|(present, _)| *present)
    .map(|(_, name)| name.to_owned())
    .collect()
}

/// Names of RFC 5280 §4.2.1.12; any other stays a number.
fn purpose(oid: &str) -> String {
    match oid {
        "1.3.6.1.5.5.7.3.1" => "serverAuth",
        "1.3.6.1.5.5.7.3.2" => "clientAuth",
        "1.3.6.1.5.5.7.3.9" => "OCSPSigning",
        "2.5.29.37.0" => "anyExtendedKeyUsage",
        other => other,
    }
    .to_owned()
}
