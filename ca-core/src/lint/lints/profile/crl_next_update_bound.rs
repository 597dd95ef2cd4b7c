//! Lists are renewed in time.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_next_update_bound",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (times)",
    description: "nextUpdate is not later than the issuer's configuration allows",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let Some(next) = facts.next_update.and_then(|next| next.at) else {
        return Outcome::NotApplicable;
    };
    let bound = facts.expected.next_update_max;
    Outcome::require(next <= bound, || {
        format!("nextUpdate {next}, allowed is {bound}")
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::time;

    #[test]
    fn next_update_keeps_its_bound() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.next_update = time(fixture.expected.next_update_max.plus_seconds(1));
        fixture.assert_fails(&LINT, "nextUpdate 2027-05-05T00:00:01Z");
    }
}
