//! Lists are renewed in time.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_next_update_bound",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (times)",
    description: "nextUpdate is not later than the issuer's configuration allows; the last list of a CA has 99991231235959Z",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let Some(next) = facts.next_update.and_then(|next| next.at) else {
        return Outcome::NotApplicable;
    };
    let bound = facts.expected.next_update_max;
    let fits = if facts.expected.is_final {
        next == bound
    } else {
        next <= bound
    };
    Outcome::require(fits, || format!("nextUpdate {next}, allowed is {bound}"))
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
        let mut last = CrlFixture::last();
        last.assert_passes(&LINT);
        last.next_update = time(kasane_verify::UnixTime::MAX.plus_seconds(-1));
        last.assert_fails(&LINT, "allowed is 9999-12-31T23:59:59Z");
    }
}
