//! No extension twice.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_no_duplicate_extensions",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2",
    description: "no extension of the list is there more than once",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::no_duplicates(&facts.extensions)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::FixtureExtension;

    #[test]
    fn no_extension_of_the_list_comes_twice() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        let value = fixture.extensions[1].value.clone();
        let oid = fixture.extensions[1].oid;
        fixture.extensions.push(FixtureExtension {
            oid,
            critical: None,
            value,
        });
        fixture.assert_fails(&LINT, "2.5.29.20");
    }
}
