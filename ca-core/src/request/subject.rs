//! Comparison of distinguished names (RFC 5280 §7.1).

use der::Tag;
use der::asn1::{Any, BmpString};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RelativeDistinguishedName};

/// Whether two names are the same: RDNs in the same order, in each the same attributes in any
/// order, texts compared without regard to string type, case and repeated white space.
///
/// Unicode normalisation (RFC 4518 §2.3) is left out: two spellings of one text count as
/// different, which refuses and never confuses.
#[must_use]
pub fn same_name(a: &Name, b: &Name) -> bool {
    a.len() == b.len() && a.iter_rdn().zip(b.iter_rdn()).all(|(a, b)| same_rdn(a, b))
}

/// Both sides are small: a request has at most 64 KiB, and a registered RDN one attribute.
fn same_rdn(a: &RelativeDistinguishedName, b: &RelativeDistinguishedName) -> bool {
    a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| same_attribute(x, y)))
}

fn same_attribute(a: &AttributeTypeAndValue, b: &AttributeTypeAndValue) -> bool {
    a.oid == b.oid
        && match (text(&a.value), text(&b.value)) {
            (Some(a), Some(b)) => prepared(&a) == prepared(&b),
            _ => a.value == b.value,
        }
}

/// The text of a string type whose characters are certain; `TeletexString` has no certain ones.
fn text(value: &Any) -> Option<String> {
    match value.header().tag() {
        Tag::PrintableString | Tag::Ia5String | Tag::VisibleString if value.value().is_ascii() => {
            String::from_utf8(value.value().to_vec()).ok()
        }
        Tag::Utf8String => String::from_utf8(value.value().to_vec()).ok(),
        Tag::BmpString => value
            .decode_as::<BmpString>()
            .ok()
            .map(|text| text.to_string()),
        _ => None,
    }
}

/// Case folded, outer white space removed, inner runs of it made one space (RFC 4518 §2.6.1).
fn prepared(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}
