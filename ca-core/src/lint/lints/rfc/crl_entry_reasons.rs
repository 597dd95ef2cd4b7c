//! Reason codes of the entries.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entry_reasons",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.3.1",
    description: "reason codes are known, and unspecified is said by leaving the code out",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::entry_note(facts, |entries| &entries.reason)
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_CRL_REASONS;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn reason_codes_are_known_and_not_unspecified() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        for good in [1, 2, 3, 4, 5, 9, 10] {
            fixture.entry(1).set(ID_CE_CRL_REASONS, vec![0x0a, 1, good]);
            fixture.assert_passes(&LINT);
        }
        for bad in [
            vec![0x0a, 1, 0],
            vec![0x0a, 1, 7],
            vec![0x0a, 1, 11],
            vec![0x02, 1, 1],
            vec![],
        ] {
            fixture.entry(1).set(ID_CE_CRL_REASONS, bad);
            fixture.assert_fails(&LINT, "entry 1");
        }
    }
}
