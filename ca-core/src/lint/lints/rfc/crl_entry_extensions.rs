//! Only the two entry extensions that we use.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entry_extensions",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1.2.6, §5.3",
    description: "entries have reasonCode and invalidityDate at most, each once, and no empty list of extensions",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::entry_note(facts, |entries| &entries.extension)
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_CERTIFICATE_ISSUER, ID_CE_CRL_REASONS};

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::FixtureExtension;

    #[test]
    fn entries_have_known_extensions_once() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture
            .entry(0)
            .set(ID_CE_CERTIFICATE_ISSUER, vec![0x30, 0]);
        fixture.assert_fails(&LINT, "entry 0");
        let mut fixture = CrlFixture::shard();
        let again = FixtureExtension {
            oid: ID_CE_CRL_REASONS,
            critical: None,
            value: vec![0x0a, 1, 1],
        };
        fixture.entry(1).extensions.push(again);
        fixture.assert_fails(&LINT, "twice");
    }
}
