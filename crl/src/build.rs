//! The parts of a list beside its entries' serial numbers and dates.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280;
use der::asn1::{ContextSpecificRef, GeneralizedTime, Ia5String, OctetString, Uint, UtcTime};
use der::{DateTime, Encode, TagMode, TagNumber};
use kasane_ca_core::pipeline::{CrlPlan, RevokedEntry};
use kasane_verify::UnixTime;
use kasane_verify::revocation::RevocationReason;
use kasane_verify::signature::algorithm_identifier;
use x509_cert::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, FreshestCrl, IssuingDistributionPoint};
use x509_cert::time::Time;

/// version to nextUpdate, DER, one after the other.
pub(crate) fn before_entries(plan: &CrlPlan) -> Result<Vec<u8>, der::Error> {
    let mut octets = Vec::new();
    Version::V2.encode_to_vec(&mut octets)?;
    algorithm_identifier(plan.signer.signature_algorithm()).encode_to_vec(&mut octets)?;
    plan.signer.subject.encode_to_vec(&mut octets)?;
    time(plan.this_update)?.encode_to_vec(&mut octets)?;
    time(plan.next_update)?.encode_to_vec(&mut octets)?;
    Ok(octets)
}

/// `crlExtensions` with their tag, DER.
pub(crate) fn behind_entries(plan: &CrlPlan) -> Result<Vec<u8>, der::Error> {
    let extensions = extensions(plan)?;
    ContextSpecificRef {
        tag_number: TagNumber(0),
        tag_mode: TagMode::Explicit,
        value: &extensions,
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

/// `crlEntryExtensions` of an entry revoked at `date`, DER; empty when it has none.
pub(crate) fn entry_extensions(
    entry: &RevokedEntry<'_>,
    date: UnixTime,
) -> Result<Vec<u8>, der::Error> {
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
    if extensions.is_empty() {
        return Ok(Vec::new());
    }
    extensions.to_der()
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
pub(crate) fn time(at: UnixTime) -> Result<Time, der::Error> {
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
