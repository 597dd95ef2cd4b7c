//! The list is of now.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_this_update",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (times)",
    description: "thisUpdate is the recorded instant and not in the future",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let Some(this) = facts.this_update.at else {
        return Outcome::NotApplicable;
    };
    let (expected, now) = (facts.expected.this_update, facts.expected.now);
    Outcome::require(this == expected && this <= now, || {
        format!("thisUpdate {this}, recorded is {expected}, now is {now}")
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::time;

    #[test]
    fn this_update_is_recorded_and_not_in_the_future() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.this_update = time(fixture.expected.now.plus_seconds(-1));
        fixture.assert_fails(&LINT, "recorded is");
        let later = fixture.expected.now.plus_seconds(1);
        fixture.this_update = time(later);
        fixture.expected.this_update = later;
        fixture.assert_fails(&LINT, "now is");
    }
}
