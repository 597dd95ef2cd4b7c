//! `version` is v2.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_version_v2",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1.2.1",
    description: "a CRL with extensions, as all of ours are, is version 2",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    Outcome::require(facts.version == Some(&[1]), || {
        format!(
            "version is {}",
            facts.version.map_or_else(|| "absent".to_owned(), text::hex)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn version_is_v2() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.version = None;
        fixture.assert_fails(&LINT, "absent");
        fixture.version = Some(0);
        fixture.assert_fails(&LINT, "00");
    }
}
