//! Nobody outlives the issuer.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_within_issuer",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (validity), RFC 5280 §6.1.3",
    description: "a certificate does not outlive its issuer's",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let (Some(not_after), Some(end)) = (facts.not_after.at, facts.expected.issuer_not_after) else {
        return Outcome::NotApplicable;
    };
    Outcome::require(not_after <= end, || {
        format!("ends {not_after}, the issuer {end}")
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, time};

    #[test]
    fn certificate_ends_with_its_issuer() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let end = fixture.expected.issuer_not_after.unwrap();
        fixture.not_after = time(end);
        fixture.assert_passes(&LINT);
        fixture.not_after = time(end.plus_seconds(1));
        fixture.assert_fails(&LINT, "the issuer");
        CertificateFixture::root().assert_not_applicable(&LINT);
    }
}
