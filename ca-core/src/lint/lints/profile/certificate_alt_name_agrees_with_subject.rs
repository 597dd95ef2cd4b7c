//! Subject and URI name the same thing.

use const_oid::db::rfc4519::COMMON_NAME;
use x509_cert::ext::pkix::name::GeneralName;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_alt_name_agrees_with_subject",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: DN, SAN)",
    description: "the code and number in the SAN URI are those of the commonName",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let names = facts
        .subject_alt_name
        .value()
        .map_or(&[][..], |names| &names.0);
    let Some(uri) = names.iter().find_map(text::uri) else {
        return Outcome::NotApplicable;
    };
    let common_name = facts
        .subject
        .attributes
        .iter()
        .find(|a| a.oid == COMMON_NAME);
    let common_name = common_name.map_or(&b""[..], |attribute| attribute.value);
    let mut from_the_end = uri.rsplit('/');
    let number = from_the_end.next().unwrap_or_default();
    let code = from_the_end.next().unwrap_or_default();
    let is_host = names.iter().any(
        |name| matches!(name, GeneralName::DnsName(dns) if dns.as_str().as_bytes() == common_name),
    );
    let agrees = common_name == format!("{code}-{number}").as_bytes()
        || common_name == code.as_bytes()
        || is_host;
    Outcome::require(agrees, || {
        format!(
            "{uri:?} and commonName {:?}",
            String::from_utf8_lossy(common_name)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, terminal_name};

    #[test]
    fn uri_and_common_name_agree() {
        let mut fixture = CertificateFixture::server();
        fixture.assert_passes(&LINT);
        for good in ["eligibility", "eligibility.kasane.example"] {
            fixture.subject = terminal_name(good);
            fixture.assert_passes(&LINT);
        }
        for bad in ["eligibility-2", "claims-1", "claims.kasane.example"] {
            fixture.subject = terminal_name(bad);
            fixture.assert_fails(&LINT, bad);
        }
        CertificateFixture::root().assert_not_applicable(&LINT);
    }
}
