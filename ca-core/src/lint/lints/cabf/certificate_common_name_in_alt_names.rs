//! A host in the subject is also where clients look.

use const_oid::db::rfc4519::COMMON_NAME;
use x509_cert::ext::pkix::name::GeneralName;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source, text,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_common_name_in_alt_names",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.4.3",
    description: "a commonName that is a host name is one of the DNS names",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if facts.expected.role != CertificateRole::EndEntity {
        return Outcome::NotApplicable;
    }
    let hosts = facts
        .subject
        .attributes
        .iter()
        .filter(|attribute| attribute.oid == COMMON_NAME)
        .filter_map(|attribute| std::str::from_utf8(attribute.value).ok())
        .filter(|name| name.contains('.') && text::is_dns_name(name));
    let names = facts
        .subject_alt_name
        .value()
        .map_or(&[][..], |names| &names.0);
    for host in hosts {
        let is_host =
            |name: &GeneralName| matches!(name, GeneralName::DnsName(dns) if dns.as_str() == host);
        if !names.iter().any(is_host) {
            return Outcome::fail(format!("{host} is in the subject and no dNSName"));
        }
    }
    Outcome::Pass
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, terminal_name};

    #[test]
    fn host_in_the_subject_is_a_dns_name() {
        let mut fixture = CertificateFixture::server();
        fixture.assert_passes(&LINT);
        fixture.subject = terminal_name("eligibility.kasane.example");
        fixture.assert_passes(&LINT);
        fixture.subject = terminal_name("other.kasane.example");
        fixture.assert_fails(&LINT, "other.kasane.example");
    }
}
