//! There is a next list.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_next_update_follows",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1.2.5",
    description: "nextUpdate is there and later than thisUpdate",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let Some(next_update) = facts.next_update else {
        return Outcome::fail("nextUpdate is missing");
    };
    let (Some(this), Some(next)) = (facts.this_update.at, next_update.at) else {
        return Outcome::NotApplicable;
    };
    Outcome::require(this < next, || {
        format!("thisUpdate {this}, nextUpdate {next}")
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn next_update_comes_after_this_update() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.next_update = fixture.this_update.clone();
        fixture.assert_fails(&LINT, "nextUpdate 2027-05-01");
        fixture.next_update = Vec::new();
        fixture.assert_fails(&LINT, "missing");
    }
}
