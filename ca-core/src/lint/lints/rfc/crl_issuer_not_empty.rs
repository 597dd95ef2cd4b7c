//! The issuer has a name.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_issuer_not_empty",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1.2.3",
    description: "the issuer is a distinguished name that is not empty",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    Outcome::require(
        facts.issuer.rdn_count > 0 && !facts.issuer.has_empty_rdn,
        || "the issuer or a part of it is empty".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn issuer_is_not_empty() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        for empty in [vec![0x30, 0], vec![0x30, 2, 0x31, 0]] {
            fixture.issuer = empty;
            fixture.assert_fails(&LINT, "empty");
        }
    }
}
