//! One order of entries.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entries_ascending",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (entries)",
    description: "entries stand in ascending order of their serial numbers, so that equal lists have equal bytes",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::entry_note(facts, |entries| &entries.unordered)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn entries_ascend() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.entries.as_mut().unwrap().swap(0, 1);
        fixture.assert_fails(&LINT, "entry 1");
        // A shorter serial number is a smaller number, whatever its first octet.
        let mut fixture = CrlFixture::shard();
        fixture.entry(0).serial = vec![0x7f];
        fixture.assert_passes(&LINT);
        CrlFixture::root().assert_not_applicable(&LINT);
    }
}
