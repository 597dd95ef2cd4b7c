//! From a plan and its entries to the bytes to be signed.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280;
use der::asn1::{GeneralizedTime, Ia5String, OctetString, Uint, UtcTime};
use der::{DateTime, Encode};
use kasane_ca_core::authority::RevokedEntry;
use kasane_ca_core::pipeline::CrlPlan;
use kasane_verify::UnixTime;
use kasane_verify::revocation::RevocationReason;
use kasane_verify::signature::algorithm_identifier;
use x509_cert::Version;
use x509_cert::crl::{RevokedCert, TbsCertList};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, FreshestCrl, IssuingDistributionPoint};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

/// Encodes the `TBSCertList` (RFC 5280 §5.1) that `plan` describes, its entries ordered by serial
/// number.
///
/// # Errors
/// When a serial number, an address or the whole is not encodable.
pub fn tbs_cert_list(plan: &CrlPlan, entries: &[RevokedEntry]) -> Result<Vec<u8>, der::Error> {
    let mut ordered: Vec<_> = entries.iter().collect();
    // Big-endian without padding: the longer one is the greater.
    ordered.sort_by(|a, b| (a.serial.len(), &a.serial).cmp(&(b.serial.len(), &b.serial)));
    let revoked = ordered
        .into_iter()
        .map(|entry| revoked_cert(entry, plan.this_update))
        .collect::<Result<Vec<_>, _>>()?;
    TbsCertList {
        version: Version::V2,
        signature: algorithm_identifier(plan.signer.signature_algorithm()).into(),
        issuer: plan.signer.subject.clone(),
        this_update: time(plan.this_update)?,
        next_update: Some(time(plan.next_update)?),
        // RFC 5280 §5.1.2.6: absent, not empty, when nothing is revoked.
        revoked_certificates: (!revoked.is_empty()).then_some(revoked),
        crl_extensions: Some(extensions(plan)?),
    }
    .to_der()
}

fn extensions(plan: &CrlPlan) -> Result<Vec<Extension>, der::Error> {
    // RFC 5280 §5.2.1: the key that signs this CRL, so the signer's own identifier; never the
    // authority key identifier of the signer's certificate, which names the key above.
    let aki = AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(plan.signer.ski.as_slice())?),
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    let mut extensions = vec![
        extension(rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER, false, &aki)?,
        extension(rfc5280::ID_CE_CRL_NUMBER, false, &number(plan.number)?)?,
    ];
    if let Some(base) = plan.base_number {
        // RFC 5280 §5.2.4: critical, so that nobody takes a part for the whole.
        extensions.push(extension(
            rfc5280::ID_CE_DELTA_CRL_INDICATOR,
            true,
            &number(base)?,
        )?);
    }
    if let Some(uri) = &plan.idp_uri {
        // RFC 5280 §5.2.5: critical. Full and delta CRL of a shard have the same scope and so the
        // same address: the one in the certificates.
        let idp = IssuingDistributionPoint {
            distribution_point: Some(full_name(uri)?),
            only_contains_user_certs: false,
            only_contains_ca_certs: false,
            only_some_reasons: None,
            indirect_crl: false,
            only_contains_attribute_certs: false,
        };
        extensions.push(extension(
            rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT,
            true,
            &idp,
        )?);
    }
    if !plan.freshest_crl_uris.is_empty() {
        let points = plan
            .freshest_crl_uris
            .iter()
            .map(|uri| {
                Ok(DistributionPoint {
                    distribution_point: Some(full_name(uri)?),
                    reasons: None,
                    crl_issuer: None,
                })
            })
            .collect::<Result<Vec<_>, der::Error>>()?;
        extensions.push(extension(
            rfc5280::ID_CE_FRESHEST_CRL,
            false,
            &FreshestCrl(points),
        )?);
    }
    Ok(extensions)
}

fn revoked_cert(entry: &RevokedEntry, this_update: UnixTime) -> Result<RevokedCert, der::Error> {
    // A clock that was set back must not stop the list: nothing is revoked after it was made.
    let date = entry.date.min(this_update);
    let mut extensions = Vec::new();
    // RFC 5280 §5.3.1: `unspecified` is said by no reason.
    let reason = entry.reason.filter(|reason| *reason != 0);
    if let Some(reason) = reason {
        let reason = RevocationReason::from_number(reason)
            .ok_or_else(|| der::Error::from(der::Tag::Enumerated.value_error()))?;
        extensions.push(extension(rfc5280::ID_CE_CRL_REASONS, false, &reason)?);
    }
    if let Some(invalid_since) = entry.invalidity_date {
        // RFC 5280 §5.3.2: always GeneralizedTime.
        let invalid_since = GeneralizedTime::from_date_time(date_time(invalid_since.min(date))?);
        extensions.push(extension(
            rfc5280::ID_CE_INVALIDITY_DATE,
            false,
            &invalid_since,
        )?);
    }
    Ok(RevokedCert {
        serial_number: SerialNumber::new(&entry.serial)?,
        revocation_date: time(date)?,
        crl_entry_extensions: (!extensions.is_empty()).then_some(extensions),
    })
}

fn extension(
    extn_id: ObjectIdentifier,
    critical: bool,
    value: &impl Encode,
) -> Result<Extension, der::Error> {
    Ok(Extension {
        extn_id,
        critical,
        extn_value: OctetString::new(value.to_der()?)?,
    })
}

fn full_name(uri: &str) -> Result<DistributionPointName, der::Error> {
    let name = GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?);
    Ok(DistributionPointName::FullName(vec![name]))
}

fn number(number: u64) -> Result<Uint, der::Error> {
    Uint::new(&number.to_be_bytes())
}

/// RFC 5280 §5.1.2.4: UTCTime through 2049, GeneralizedTime from 2050 on.
fn time(at: UnixTime) -> Result<Time, der::Error> {
    let at = date_time(at)?;
    if at.year() <= UtcTime::MAX_YEAR {
        Ok(Time::UtcTime(UtcTime::from_date_time(at)?))
    } else {
        Ok(Time::GeneralTime(GeneralizedTime::from_date_time(at)))
    }
}

fn date_time(at: UnixTime) -> Result<DateTime, der::Error> {
    let seconds = u64::try_from(at.seconds()).unwrap_or(0);
    DateTime::from_unix_duration(std::time::Duration::from_secs(seconds))
}
