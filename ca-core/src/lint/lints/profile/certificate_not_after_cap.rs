//! The cap of the dated policy.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_not_after_cap",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane dated policy (cap)",
    description: "notAfter is not later than the cap of the dated policy at the time of signing",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let (Some(not_after), Some(cap)) = (facts.not_after.at, facts.expected.not_after_cap) else {
        return Outcome::NotApplicable;
    };
    Outcome::require(not_after <= cap, || {
        format!("ends {not_after}, the cap is {cap}")
    })
}

#[cfg(test)]
mod tests {
    use kasane_verify::UnixTime;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, time};

    #[test]
    fn not_after_keeps_the_cap() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let end: UnixTime = "2030-12-31T14:59:59Z".parse().unwrap();
        fixture.expected.not_after_cap = Some(end);
        fixture.not_after = time(end);
        fixture.assert_passes(&LINT);
        fixture.not_after = time(end.plus_seconds(1));
        fixture.assert_fails(&LINT, "ends 2030-12-31T15:00:00Z");
        fixture.expected.not_after_cap = None;
        fixture.assert_not_applicable(&LINT);
    }
}
