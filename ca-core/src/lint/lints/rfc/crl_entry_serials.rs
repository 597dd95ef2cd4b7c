//! Serial numbers of the entries.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entry_serials",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.2, §5.1.2.6",
    description: "the serial numbers in the list are positive and at most 20 octets",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::entry_note(facts, |entries| &entries.serial)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn serials_in_the_list_are_positive() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        for bad in [vec![], vec![0], vec![0x80; 16], vec![1; 21]] {
            fixture.entry(1).serial = bad;
            fixture.assert_fails(&LINT, "entry 1");
        }
    }
}
