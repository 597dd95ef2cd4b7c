//! No unique identifiers.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_no_unique_identifiers",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.8",
    description: "issuerUniqueID and subjectUniqueID are absent",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(!facts.has_unique_identifier, || {
        "a unique identifier is there".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, tlv};

    #[test]
    fn unique_identifiers_are_absent() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        for tag in [0x81, 0x82] {
            fixture.unique_identifiers = tlv(tag, &[0, 1]);
            fixture.assert_fails(&LINT, "unique identifier");
        }
    }
}
