//! Nothing revoked, no list.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_no_empty_list",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1.2.6",
    description: "when nothing is revoked the list of revoked certificates is absent",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    Outcome::require(
        facts
            .entries
            .as_ref()
            .is_none_or(|entries| entries.count > 0),
        || "revokedCertificates is an empty sequence".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn empty_list_is_absent() {
        let mut fixture = CrlFixture::root();
        fixture.assert_passes(&LINT);
        CrlFixture::shard().assert_passes(&LINT);
        fixture.entries = Some(Vec::new());
        fixture.assert_fails(&LINT, "empty");
    }
}
