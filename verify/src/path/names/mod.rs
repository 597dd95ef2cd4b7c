//! Name constraints (RFC 5280 §4.2.1.10).

use der::Tag;

use crate::certificate::{Certificate, GeneralName, NameConstraints};
use crate::path::budget::{BudgetLimit, Meter};
use crate::path::identity::is_host;
use crate::{asn1, oid};

/// How a name fails its constraints.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    NotPermitted(String),
    Excluded(String),
    Unsupported(&'static str),
    Budget(BudgetLimit),
}

impl From<BudgetLimit> for Failure {
    fn from(limit: BudgetLimit) -> Self {
        Self::Budget(limit)
    }
}

/// Checks every name of `certificate`: its subject, its alternative names, and the e-mail addresses
/// of its subject when no alternative name is an e-mail address.
pub(super) fn check(
    constraints: &NameConstraints<'_>,
    certificate: &Certificate<'_>,
    meter: &mut Meter,
) -> Result<(), Failure> {
    let subject = certificate.subject();
    if !subject.is_empty() {
        check_name(constraints, GeneralName::Directory(subject), meter)?;
    }
    let mut has_mailbox = false;
    for name in certificate
        .extensions()
        .subject_alt_name
        .iter()
        .flat_map(|names| names.iter())
    {
        has_mailbox |= matches!(name, GeneralName::Rfc822(_));
        check_name(constraints, name, meter)?;
        // RFC 9598 §6: constraints on rfc822Name bind the mailbox in UTF-8 as well.
        if let Some(mailbox) = smtp_utf8_mailbox(&name) {
            has_mailbox = true;
            check_name(constraints, GeneralName::Rfc822(mailbox), meter)?;
        }
    }
    if !has_mailbox {
        for attribute in subject
            .attributes()
            .filter(|it| *it.oid == oid::EMAIL_ADDRESS)
        {
            match attribute.text() {
                Some(mailbox) => check_name(constraints, GeneralName::Rfc822(mailbox), meter)?,
                // Not an IA5String: it cannot be compared, so it must not be constrained.
                None => check_name(constraints, GeneralName::Rfc822(""), meter)?,
            }
        }
    }
    Ok(())
}

/// The text of a `SmtpUTF8Mailbox` (RFC 9598 §3); an empty one, which fails every constraint on
/// mailboxes, when it is malformed.
fn smtp_utf8_mailbox<'a>(name: &GeneralName<'a>) -> Option<&'a str> {
    let GeneralName::Other(content) = name else {
        return None;
    };
    let (oid, value) = asn1::whole(content, |reader| {
        let oid = asn1::read_oid(reader)?;
        Ok::<_, der::Error>((oid, asn1::read_value(reader, asn1::context(0, true))?))
    })
    .ok()?;
    if *oid != oid::SMTP_UTF8_MAILBOX {
        return None;
    }
    let text = asn1::whole(value, |reader| asn1::read_value(reader, Tag::Utf8String));
    Some(
        text.ok()
            .and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default(),
    )
}

fn check_name(
    constraints: &NameConstraints<'_>,
    name: GeneralName<'_>,
    meter: &mut Meter,
) -> Result<(), Failure> {
    let length = length_of(&name);
    for base in constraints.excluded.iter().flat_map(|trees| trees.iter()) {
        meter.name(length.saturating_add(length_of(&base)))?;
        if same_kind(&name, &base) && matches(&name, &base, Side::Excluded)? {
            return Err(Failure::Excluded(describe(&name)));
        }
    }
    let mut constrained = false;
    for base in constraints.permitted.iter().flat_map(|trees| trees.iter()) {
        meter.name(length.saturating_add(length_of(&base)))?;
        if same_kind(&name, &base) {
            constrained = true;
            if matches(&name, &base, Side::Permitted)? {
                return Ok(());
            }
        }
    }
    if constrained {
        Err(Failure::NotPermitted(describe(&name)))
    } else {
        Ok(())
    }
}

/// Octets that comparing may have to look at; each base is parsed anew.
const fn length_of(name: &GeneralName<'_>) -> usize {
    match name {
        GeneralName::Directory(name) => name.der().len(),
        GeneralName::Dns(text) | GeneralName::Uri(text) | GeneralName::Rfc822(text) => text.len(),
        GeneralName::Other(octets)
        | GeneralName::X400(octets)
        | GeneralName::EdiParty(octets)
        | GeneralName::Ip(octets)
        | GeneralName::RegisteredId(octets) => octets.len(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Permitted,
    Excluded,
}

fn same_kind(name: &GeneralName<'_>, base: &GeneralName<'_>) -> bool {
    std::mem::discriminant(name) == std::mem::discriminant(base)
}

/// Whether `name` lies in `base`. What cannot be understood is an error: the certificate must then
/// be refused (RFC 5280 §4.2.1.10).
fn matches(name: &GeneralName<'_>, base: &GeneralName<'_>, side: Side) -> Result<bool, Failure> {
    match (name, base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => Ok(name.is_within(base)),
        (GeneralName::Dns(name), GeneralName::Dns(base)) => dns(name, base, side),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => uri(name, base),
        (GeneralName::Rfc822(name), GeneralName::Rfc822(base)) => mailbox(name, base),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => address(name, base),
        (GeneralName::Other(_), _) => Err(Failure::Unsupported("otherName")),
        (GeneralName::X400(_), _) => Err(Failure::Unsupported("x400Address")),
        (GeneralName::EdiParty(_), _) => Err(Failure::Unsupported("ediPartyName")),
        _ => Err(Failure::Unsupported("registeredID")),
    }
}

/// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand
/// side" of the base.
fn dns(name: &str, base: &str, side: Side) -> Result<bool, Failure> {
    const KIND: &str = "dNSName";
    let parent = name.strip_prefix('*').and_then(|it| it.strip_prefix('.'));
    let (wildcard, host) = match parent {
        Some(parent) => (true, parent),
        None => (false, name),
    };
    // Not in RFC 5280, but widely written: a leading dot asks for one label more at least.
    if let Some(parent) = base.strip_prefix('.') {
        if !is_host(host) || !is_host(parent) {
            return Err(Failure::Unsupported(KIND));
        }
        return Ok(is_below(host, parent) || (wildcard && host.eq_ignore_ascii_case(parent)));
    }
    if !is_host(host) || !(base.is_empty() || is_host(base)) {
        return Err(Failure::Unsupported(KIND));
    }
    if is_below(host, base) || host.eq_ignore_ascii_case(base) {
        return Ok(true);
    }
    // A wildcard could be expanded into the excluded name.
    Ok(wildcard
        && side == Side::Excluded
        && base
            .split_once('.')
            .is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(host)))
}

/// Whether `host` has more labels to the left of `base`; every host is below the empty base.
fn is_below(host: &str, base: &str) -> bool {
    base.is_empty()
        || host
            .len()
            .checked_sub(base.len())
            .and_then(|cut| host.split_at_checked(cut))
            .is_some_and(|(left, right)| left.ends_with('.') && right.eq_ignore_ascii_case(base))
}

/// The host of a URI or mailbox against a base: `.example.com` means one or more labels more,
/// `example.com` that host alone, and an empty base every host.
fn host_matches(host: &str, base: &str, kind: &'static str) -> Result<bool, Failure> {
    let below_only = base.strip_prefix('.');
    let base_host = below_only.unwrap_or(base);
    if !is_host(host) || !(base.is_empty() || is_host(base_host)) {
        return Err(Failure::Unsupported(kind));
    }
    Ok(match below_only {
        Some(parent) => is_below(host, parent),
        None => base.is_empty() || host.eq_ignore_ascii_case(base),
    })
}

fn uri(name: &str, base: &str) -> Result<bool, Failure> {
    const KIND: &str = "uniformResourceIdentifier";
    // RFC 5280 §4.2.1.10: without an authority whose host is a domain name, refuse.
    let host = uri_host(name).ok_or(Failure::Unsupported(KIND))?;
    host_matches(host, base, KIND)
}

/// The host of a hierarchical URI (RFC 3986 §3.2.2); none when it is missing or an address.
fn uri_host(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once("://")?;
    if scheme.is_empty() || scheme.contains(['/', '?', '#']) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_port = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, port) = host_port.split_once(':').unwrap_or((host_port, ""));
    let port_is_right = port.bytes().all(|octet| octet.is_ascii_digit());
    (port_is_right && is_host(host) && host.parse::<std::net::Ipv4Addr>().is_err()).then_some(host)
}

fn mailbox(name: &str, base: &str) -> Result<bool, Failure> {
    const KIND: &str = "rfc822Name";
    let (local, host) = name.rsplit_once('@').ok_or(Failure::Unsupported(KIND))?;
    // A quoted local part (RFC 5321 §4.1.2) may hold nearly anything; none is worth parsing here.
    if local.is_empty() || local.contains(['@', '"', ' ']) {
        return Err(Failure::Unsupported(KIND));
    }
    match base.rsplit_once('@') {
        // RFC 5280 §7.5: the local part exactly, the host without case.
        Some((base_local, base_host)) => {
            if base_local.is_empty() || !is_host(base_host) || !is_host(host) {
                return Err(Failure::Unsupported(KIND));
            }
            Ok(local == base_local && host.eq_ignore_ascii_case(base_host))
        }
        None => host_matches(host, base, KIND),
    }
}

fn address(name: &[u8], base: &[u8]) -> Result<bool, Failure> {
    const KIND: &str = "iPAddress";
    if !matches!(base.len(), 8 | 32) {
        return Err(Failure::Unsupported(KIND));
    }
    let (network, mask) = base.split_at(base.len() / 2);
    // RFC 4632 §3.1: a prefix, so ones and then zeros.
    let mut ended = false;
    for octet in mask {
        if (ended && *octet != 0) || octet.leading_ones() + octet.trailing_zeros() < 8 {
            return Err(Failure::Unsupported(KIND));
        }
        ended |= *octet != 0xff;
    }
    Ok(name.len() == network.len()
        && name
            .iter()
            .zip(network)
            .zip(mask)
            .all(|((a, b), mask)| a & mask == b & mask))
}

fn describe(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::Directory(name) => name.to_string(),
        GeneralName::Dns(text) | GeneralName::Uri(text) | GeneralName::Rfc822(text) => {
            format!("{text:?}")
        }
        GeneralName::Ip(octets) => match <[u8; 4]>::try_from(*octets) {
            Ok(octets) => std::net::Ipv4Addr::from(octets).to_string(),
            Err(_) => <[u8; 16]>::try_from(*octets)
                .map(|octets| std::net::Ipv6Addr::from(octets).to_string())
                .unwrap_or_default(),
        },
        GeneralName::Other(_)
        | GeneralName::X400(_)
        | GeneralName::EdiParty(_)
        | GeneralName::RegisteredId(_) => String::new(),
    }
}

#[cfg(test)]
mod tests;
