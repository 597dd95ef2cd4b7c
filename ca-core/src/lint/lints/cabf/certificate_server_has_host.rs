//! TLS clients look for a host.

use const_oid::db::rfc5280::ID_KP_SERVER_AUTH;
use x509_cert::ext::pkix::name::GeneralName;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_server_has_host",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.2.7.12",
    description: "a TLS server certificate names a host: a DNS name or an address",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let serves = facts
        .extended_key_usage
        .value()
        .is_some_and(|p| p.0.contains(&ID_KP_SERVER_AUTH));
    if facts.expected.role != CertificateRole::EndEntity || !serves {
        return Outcome::NotApplicable;
    }
    let names = facts
        .subject_alt_name
        .value()
        .map_or(&[][..], |names| &names.0);
    let host = |name| matches!(name, &GeneralName::DnsName(_) | &GeneralName::IpAddress(_));
    Outcome::require(names.iter().any(host), || {
        "no dNSName and no iPAddress".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
    use x509_cert::ext::pkix::SubjectAltName;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, uri_name};

    #[test]
    fn server_names_a_host() {
        let mut fixture = CertificateFixture::server();
        fixture.assert_passes(&LINT);
        let uri = uri_name("https://id.kasane.example/system/eligibility/1");
        fixture.set(ID_CE_SUBJECT_ALT_NAME, &SubjectAltName(vec![uri]));
        fixture.assert_fails(&LINT, "no dNSName");
        fixture.remove(ID_CE_SUBJECT_ALT_NAME);
        fixture.assert_fails(&LINT, "no dNSName");
        CertificateFixture::terminal().assert_not_applicable(&LINT);
    }
}
