//! No list lives for years.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_next_update_within_a_year",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §4.9.7",
    description: "nextUpdate is at most twelve months after thisUpdate, a root's list included",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    // The Requirements know no last list, after which none is made.
    if facts.expected.is_final {
        return Outcome::NotApplicable;
    }
    let next = facts.next_update.and_then(|next| next.at);
    let (Some(this), Some(next)) = (facts.this_update.at, next) else {
        return Outcome::NotApplicable;
    };
    Outcome::require(next <= this.plus_months_jst(12), || {
        format!("thisUpdate {this}, nextUpdate {next}")
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::time;

    #[test]
    fn next_update_is_within_twelve_months() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        let year = fixture.expected.this_update.plus_months_jst(12);
        fixture.next_update = time(year);
        fixture.assert_passes(&LINT);
        fixture.next_update = time(year.plus_seconds(1));
        fixture.assert_fails(&LINT, "nextUpdate 2028-05-01T00:00:01Z");
        let mut last = CrlFixture::last();
        last.assert_not_applicable(&LINT);
        last.expected.is_final = false;
        last.assert_fails(&LINT, "nextUpdate 9999");
    }
}
