//! Entry extensions are not critical.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entry_criticality",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.3.1, §5.3.2",
    description: "no entry extension is critical: a verifier that does not know one must still find the entry",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::entry_note(facts, |entries| &entries.critical)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn entry_extensions_are_not_critical() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.entry(2).extensions[0].critical = Some(true);
        fixture.assert_fails(&LINT, "critical 2.5.29.21");
    }
}
