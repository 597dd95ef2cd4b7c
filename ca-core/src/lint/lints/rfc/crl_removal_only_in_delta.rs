//! Nothing is removed by a complete list.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_removal_only_in_delta",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.3.1",
    description: "removeFromCRL is in delta CRLs only",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    if facts.is_delta() {
        return Outcome::NotApplicable;
    }
    super::entry_note(facts, |entries| &entries.removed)
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_CRL_REASONS;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn complete_crl_removes_nothing() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.entry(1).set(ID_CE_CRL_REASONS, vec![0x0a, 1, 8]);
        fixture.assert_fails(&LINT, "entry 1");
        let mut delta = CrlFixture::delta();
        delta.entry(1).set(ID_CE_CRL_REASONS, vec![0x0a, 1, 8]);
        delta.assert_not_applicable(&LINT);
    }
}
