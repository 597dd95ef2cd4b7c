//! Nothing is revoked in advance.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entries_not_in_future",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (entries)",
    description: "no revocation date is later than the list itself",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::entry_note(facts, |entries| &entries.future)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::time;

    #[test]
    fn revocation_dates_are_not_later_than_the_list() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        let later = fixture.expected.this_update.plus_seconds(1);
        fixture.entry(2).revocation_date = time(later);
        fixture.assert_fails(&LINT, "entry 2");
    }
}
