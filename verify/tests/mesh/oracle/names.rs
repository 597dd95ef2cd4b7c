//! Comparison of names (RFC 5280 §7.1) and name constraints (§4.2.1.10).

use std::net::IpAddr;

use const_oid::ObjectIdentifier;
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RelativeDistinguishedName};

use super::subject;

const EMAIL_ADDRESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1");

pub(crate) fn same_name(one: &Name, other: &Name) -> bool {
    one.len() == other.len() && within(one, other)
}

/// Whether the name begins with `base`.
fn within(name: &Name, base: &Name) -> bool {
    let (name, base): (Vec<_>, Vec<_>) = (name.iter_rdn().collect(), base.iter_rdn().collect());
    name.len() >= base.len()
        && name
            .iter()
            .zip(base)
            .all(|(one, other)| same_rdn(one, other))
}

fn same_rdn(one: &RelativeDistinguishedName, other: &RelativeDistinguishedName) -> bool {
    let prepared = |rdn: &RelativeDistinguishedName| {
        let mut all: Vec<_> = rdn.iter().map(prepare).collect();
        all.sort();
        all
    };
    prepared(one) == prepared(other)
}

/// Type and prepared value: case folded, outer spaces removed, inner runs of them made one.
fn prepare(attribute: &AttributeTypeAndValue) -> (String, String) {
    let text = String::from_utf8(attribute.value.value().to_vec()).unwrap();
    let words: Vec<_> = text.split(' ').filter(|word| !word.is_empty()).collect();
    (attribute.oid.to_string(), words.join(" ").to_lowercase())
}

/// What the CAs above allow: for each of them its permitted subtrees, and all excluded ones.
#[derive(Default)]
pub(super) struct State {
    pub(super) permitted: Vec<Vec<GeneralName>>,
    pub(super) excluded: Vec<GeneralName>,
}

/// RFC 5280 §6.1.3 (b) and (c).
pub(super) fn check(state: &State, certificate: &Certificate) -> Result<(), &'static str> {
    let mut names = Vec::new();
    if !subject(certificate).is_empty() {
        names.push(GeneralName::DirectoryName(subject(certificate).clone()));
    }
    let alternative = certificate
        .tbs_certificate()
        .get_extension::<SubjectAltName>()
        .unwrap();
    names.extend(alternative.into_iter().flat_map(|(_, names)| names.0));
    // §4.2.1.10: addresses in the subject count when no alternative name is one.
    if !names
        .iter()
        .any(|name| matches!(name, GeneralName::Rfc822Name(_)))
    {
        let addresses = subject(certificate)
            .iter()
            .filter(|attribute| attribute.oid == EMAIL_ADDRESS)
            .map(|attribute| attribute.value.decode_as().unwrap())
            .map(GeneralName::Rfc822Name);
        names.extend(addresses.collect::<Vec<_>>());
    }
    for name in &names {
        for permitted in &state.permitted {
            let bases: Vec<_> = permitted.iter().filter(|it| same_form(name, it)).collect();
            let mut inside = bases.is_empty();
            for base in bases {
                inside |= lies_in(name, base)?;
            }
            if !inside {
                return Err("6.1.3 (b): not permitted");
            }
        }
        for base in state.excluded.iter().filter(|it| same_form(name, it)) {
            if lies_in(name, base)? {
                return Err("6.1.3 (c): excluded");
            }
        }
    }
    Ok(())
}

fn same_form(one: &GeneralName, other: &GeneralName) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// Whether the name lies in the subtree. §4.2.1.10: what cannot be processed is rejected.
fn lies_in(name: &GeneralName, base: &GeneralName) -> Result<bool, &'static str> {
    match (name, base) {
        (GeneralName::DirectoryName(name), GeneralName::DirectoryName(base)) => {
            Ok(within(name, base))
        }
        (GeneralName::DnsName(name), GeneralName::DnsName(base)) => {
            let (name, base) = (lower(name.as_str()), lower(base.as_str()));
            // Labels may be added to the left of the base.
            Ok(base.is_empty() || name == base || name.ends_with(&format!(".{base}")))
        }
        (
            GeneralName::UniformResourceIdentifier(name),
            GeneralName::UniformResourceIdentifier(base),
        ) => {
            let host = host_of(name.as_str()).ok_or("4.2.1.10: URI without host name")?;
            Ok(host_in(&host, &lower(base.as_str())))
        }
        (GeneralName::Rfc822Name(name), GeneralName::Rfc822Name(base)) => {
            let (local, host) = name.as_str().split_once('@').unwrap();
            Ok(match base.as_str().split_once('@') {
                Some((base_local, base_host)) => {
                    local == base_local && lower(host) == lower(base_host)
                }
                None => host_in(&lower(host), &lower(base.as_str())),
            })
        }
        (GeneralName::IpAddress(name), GeneralName::IpAddress(base)) => {
            let (address, mask) = base.as_bytes().split_at(base.as_bytes().len() / 2);
            let name = name.as_bytes();
            let masked = |octets: &[u8]| -> Vec<u8> {
                octets
                    .iter()
                    .zip(mask)
                    .map(|(octet, mask)| octet & mask)
                    .collect()
            };
            Ok(name.len() == address.len() && masked(name) == masked(address))
        }
        _ => Err("4.2.1.10: a form that is not processed"),
    }
}

/// A base with a leading period is a domain, without one it is a host.
fn host_in(host: &str, base: &str) -> bool {
    if base.starts_with('.') {
        host.ends_with(base) && host.len() > base.len()
    } else {
        host == base
    }
}

/// The host name of a URI, unless there is none or it is an address.
fn host_of(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    (!host.is_empty() && host.parse::<IpAddr>().is_err()).then(|| lower(host))
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}
