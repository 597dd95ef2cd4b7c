//! Common names are identifiers.

use const_oid::db::rfc4519::COMMON_NAME;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_common_name_is_identifier",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: DN)",
    description: "the commonName of an end entity is an identifier of small letters, digits, hyphens and dots, not a person",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if facts.expected.role != CertificateRole::EndEntity {
        return Outcome::NotApplicable;
    }
    let mut names = facts
        .subject
        .attributes
        .iter()
        .filter(|a| a.oid == COMMON_NAME);
    let Some(name) = names.next() else {
        return Outcome::fail("there is no commonName");
    };
    let allowed = |c: &u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-.".contains(c);
    Outcome::require(
        names.next().is_none() && name.value.len() >= 2 && name.value.iter().all(allowed),
        || format!("commonName {:?}", String::from_utf8_lossy(name.value)),
    )
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, terminal_name};

    #[test]
    fn common_name_is_an_identifier() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        for bad in ["Hanako Sato", "hanako@kasane.example", "Hanako", "x"] {
            fixture.subject = terminal_name(bad);
            fixture.assert_fails(&LINT, bad);
        }
        fixture.subject = vec![0x30, 0];
        fixture.assert_fails(&LINT, "no commonName");
        CertificateFixture::issuing().assert_not_applicable(&LINT);
    }
}
