//! Small text and list checks that several lints share.

use const_oid::ObjectIdentifier;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

/// Bytes in lower-case hex, cut off where a reader has seen enough.
pub(super) fn hex(bytes: &[u8]) -> String {
    const SHOWN_BYTES: usize = 40;
    let mut text = hex::encode(bytes.get(..SHOWN_BYTES).unwrap_or(bytes));
    if bytes.len() > SHOWN_BYTES {
        text.push('…');
    }
    text
}

/// Object identifiers in a row.
pub(super) fn oids<'a>(oids: impl IntoIterator<Item = &'a ObjectIdentifier>) -> String {
    let list: Vec<_> = oids.into_iter().map(ToString::to_string).collect();
    if list.is_empty() {
        "none".to_owned()
    } else {
        list.join(", ")
    }
}

/// The address when a general name is a URI.
pub(super) fn uri(name: &GeneralName) -> Option<&str> {
    match name {
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str()),
        _ => None,
    }
}

/// The full names of all distribution points; empty for a point that has none.
pub(super) fn full_names(points: &[DistributionPoint]) -> impl Iterator<Item = &GeneralName> {
    points
        .iter()
        .filter_map(|point| match &point.distribution_point {
            Some(DistributionPointName::FullName(names)) => Some(names),
            _ => None,
        })
        .flatten()
}

/// Whether the names are exactly these URIs in this order.
pub(super) fn are_uris<'a>(
    names: impl IntoIterator<Item = &'a GeneralName>,
    wanted: &[String],
) -> bool {
    let mut names = names.into_iter();
    wanted
        .iter()
        .all(|wanted| names.next().and_then(uri) == Some(wanted.as_str()))
        && names.next().is_none()
}

/// The host of `http://host[:port]/…`, when there is one.
pub(super) fn http_host(uri: &str) -> Option<&str> {
    let rest = uri.strip_prefix("http://")?;
    let authority = rest
        .split_once('/')
        .map_or(rest, |(authority, _)| authority);
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    (!host.is_empty() && !authority.contains('@')).then_some(host)
}

/// Preferred name syntax of RFC 1034 §3.5 as RFC 5280 §4.2.1.6 asks for: letters, digits and inner
/// hyphens, labels of 1 to 63 octets, at most 253 in all, no trailing dot, no wildcard.
pub(super) fn is_dns_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || c == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// The value of a non-negative INTEGER's content octets when it fits.
pub(super) fn small_number(octets: &[u8]) -> Option<u64> {
    if octets.len() > 9 || octets.first().is_none_or(|first| *first >= 0x80) {
        return None;
    }
    octets.iter().try_fold(0_u64, |value, octet| {
        value
            .checked_mul(256)
            .map(|value| value | u64::from(*octet))
    })
}
