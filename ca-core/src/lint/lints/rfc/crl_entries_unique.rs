//! A certificate is revoked once.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entries_unique",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1.2.6, §5.3",
    description: "no serial number is in the list more than once",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::entry_note(facts, |entries| &entries.duplicate)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn no_serial_comes_twice() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.entry(2).serial[15] = 0x01;
        fixture.assert_passes(&LINT);
        fixture.entry(2).serial[15] = 0x11;
        fixture.assert_fails(&LINT, "entry 2");
        CrlFixture::root().assert_not_applicable(&LINT);
    }
}
