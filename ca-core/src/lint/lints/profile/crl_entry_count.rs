//! Nothing revoked is left out.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entry_count",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane ledger (projection)",
    description: "the list has as many entries as the ledger says",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let count = facts.entries.as_ref().map_or(0, |entries| entries.count);
    Outcome::require(count == facts.expected.entry_count, || {
        format!(
            "{count} entries, the ledger has {}",
            facts.expected.entry_count
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn entry_count_is_the_ledgers() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        CrlFixture::root().assert_passes(&LINT);
        fixture.entries.as_mut().unwrap().pop();
        fixture.assert_fails(&LINT, "2 entries, the ledger has 3");
    }
}
