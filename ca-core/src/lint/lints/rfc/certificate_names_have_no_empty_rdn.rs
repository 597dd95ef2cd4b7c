//! No empty relative distinguished name.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_names_have_no_empty_rdn",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.4",
    description: "every relative distinguished name of issuer and subject has an attribute",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(
        !facts.issuer.has_empty_rdn && !facts.subject.has_empty_rdn,
        || {
            let whose = if facts.issuer.has_empty_rdn {
                "issuer"
            } else {
                "subject"
            };
            format!("the {whose} has an empty relative distinguished name")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn relative_distinguished_names_are_not_empty() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.subject = vec![0x30, 2, 0x31, 0];
        fixture.assert_fails(&LINT, "subject");
        fixture.issuer = vec![0x30, 2, 0x31, 0];
        fixture.assert_fails(&LINT, "issuer");
    }
}
