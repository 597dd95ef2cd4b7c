//! A certificate begins now.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_not_before_window",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (validity)",
    description: "notBefore is not in the future and not earlier than the profile's backdating allows",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(not_before) = facts.not_before.at else {
        return Outcome::NotApplicable;
    };
    let (earliest, now) = (facts.expected.not_before_earliest, facts.expected.now);
    Outcome::require((earliest..=now).contains(&not_before), || {
        format!("begins {not_before}, allowed is {earliest} to {now}")
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, time};

    #[test]
    fn not_before_is_now_or_a_little_earlier() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let (earliest, now) = (fixture.expected.not_before_earliest, fixture.expected.now);
        fixture.not_before = time(earliest);
        fixture.assert_passes(&LINT);
        for bad in [earliest.plus_seconds(-1), now.plus_seconds(1)] {
            fixture.not_before = time(bad);
            fixture.assert_fails(&LINT, "begins");
        }
    }
}
