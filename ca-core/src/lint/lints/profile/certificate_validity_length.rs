//! The validity of the profile.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_validity_length",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (validity)",
    description: "the validity period, its last second included, is not longer than the profile allows",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let (Some(not_before), Some(not_after)) = (facts.not_before.at, facts.not_after.at) else {
        return Outcome::NotApplicable;
    };
    let seconds = not_after.seconds_since(not_before).saturating_add(1);
    Outcome::require(seconds <= facts.expected.max_validity_seconds, || {
        format!(
            "{seconds} seconds, the profile has {}",
            facts.expected.max_validity_seconds
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, time};

    #[test]
    fn validity_counts_its_last_second() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let length = fixture.expected.max_validity_seconds;
        fixture.not_after = time(fixture.expected.now.plus_seconds(length));
        fixture.assert_fails(&LINT, "the profile has");
        fixture.not_before = time(fixture.expected.now.plus_seconds(1));
        fixture.assert_passes(&LINT);
    }
}
