//! Alternative names are well formed.

use x509_cert::ext::pkix::name::GeneralName;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_subject_alt_name_syntax",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.6",
    description: "subjectAltName has a name; DNS names are in preferred syntax, addresses have 4 or 16 octets, URIs a scheme and a host",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(names) = facts.subject_alt_name.value() else {
        return Outcome::NotApplicable;
    };
    if names.0.is_empty() {
        return Outcome::fail("subjectAltName is an empty sequence");
    }
    names
        .0
        .iter()
        .find_map(fault)
        .map_or(Outcome::Pass, Outcome::Fail)
}

fn fault(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(dns) => (!is_host(dns.as_str()))
            .then(|| format!("dNSName {:?} is not in preferred name syntax", dns.as_str())),
        GeneralName::IpAddress(address) => (!matches!(address.as_bytes().len(), 4 | 16))
            .then(|| format!("iPAddress of {} octets", address.as_bytes().len())),
        GeneralName::UniformResourceIdentifier(uri) => (!has_scheme_and_host(uri.as_str()))
            .then(|| format!("URI {:?} lacks a scheme or a host", uri.as_str())),
        GeneralName::Rfc822Name(mailbox) => {
            let (local, host) = mailbox.as_str().rsplit_once('@').unwrap_or_default();
            (local.is_empty() || !text::is_dns_name(host))
                .then(|| format!("rfc822Name {:?} is no mailbox", mailbox.as_str()))
        }
        _ => None,
    }
}

/// A name in preferred syntax. RFC 5280 leaves a wildcard to others: one as the whole leftmost label
/// is what they read (RFC 9525 §6.3), under two labels at least.
fn is_host(name: &str) -> bool {
    name.strip_prefix("*.").map_or_else(
        || text::is_dns_name(name),
        |parent| parent.contains('.') && text::is_dns_name(parent),
    )
}

/// RFC 3986 §3.1 and §3.2.2, with a host in preferred name syntax and no user.
fn has_scheme_and_host(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .split_once(':')
        .map_or(authority, |(host, _)| host);
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c))
        && uri.bytes().all(|c| c.is_ascii_graphic())
        && text::is_dns_name(host)
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
    use der::asn1::Ia5String;
    use x509_cert::ext::pkix::SubjectAltName;
    use x509_cert::ext::pkix::name::GeneralName;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, octets, uri_name};

    #[test]
    fn alternative_names_are_well_formed() {
        let mut fixture = CertificateFixture::server();
        fixture.assert_passes(&LINT);
        let ia5 = |text: &str| Ia5String::new(text).unwrap();
        for bad in [
            GeneralName::DnsName(ia5(" ")),
            GeneralName::DnsName(ia5("*.example")),
            GeneralName::DnsName(ia5("a.*.example")),
            GeneralName::DnsName(ia5("a_b.kasane.example")),
            GeneralName::DnsName(ia5("kasane.example.")),
            GeneralName::DnsName(ia5("-a.example")),
            GeneralName::IpAddress(octets(&[10, 0, 0])),
            uri_name("/facility/1312345678/1"),
            uri_name("https:///facility"),
            uri_name("https://id.kasane.example/a b"),
            GeneralName::Rfc822Name(ia5("nobody")),
        ] {
            fixture.set(ID_CE_SUBJECT_ALT_NAME, &SubjectAltName(vec![bad]));
            fixture.assert_fails(&LINT, " ");
        }
        fixture.set(ID_CE_SUBJECT_ALT_NAME, &SubjectAltName(Vec::new()));
        fixture.assert_fails(&LINT, "empty");
        let good = vec![
            GeneralName::IpAddress(octets(&[10, 0, 0, 1])),
            GeneralName::DnsName(ia5("*.kasane.example")),
        ];
        fixture.set(ID_CE_SUBJECT_ALT_NAME, &SubjectAltName(good));
        fixture.assert_passes(&LINT);
    }
}
