//! The validity period is not empty.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_validity_ordered",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.5",
    description: "notBefore is not later than notAfter",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let (Some(not_before), Some(not_after)) = (facts.not_before.at, facts.not_after.at) else {
        return Outcome::NotApplicable;
    };
    Outcome::require(not_before <= not_after, || {
        format!("from {not_before} to {not_after}")
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, time};

    #[test]
    fn not_before_comes_first() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.not_after = time(fixture.expected.now);
        fixture.assert_passes(&LINT);
        fixture.not_after = time(fixture.expected.now.plus_seconds(-1));
        fixture.assert_fails(&LINT, "from 2027-05-01T00:00:00Z");
    }
}
