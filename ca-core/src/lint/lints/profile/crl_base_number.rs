//! Complete or delta, as recorded.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_base_number",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (delta)",
    description: "a list is a delta exactly when that was meant, from the recorded base",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let found = facts
        .delta_crl_indicator
        .value()
        .map(|base| text::small_number(base.as_bytes()));
    let expected = facts.expected.base_crl_number;
    Outcome::require(
        facts.is_delta() == expected.is_some() && found.flatten() == expected,
        || format!("base {:?}, recorded is {expected:?}", found.flatten()),
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_DELTA_CRL_INDICATOR;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn delta_starts_from_the_recorded_base() {
        let mut fixture = CrlFixture::delta();
        fixture.assert_passes(&LINT);
        CrlFixture::shard().assert_passes(&LINT);
        fixture.set(ID_CE_DELTA_CRL_INDICATOR, &289_u32);
        fixture.assert_fails(&LINT, "Some(289)");
        fixture.remove(ID_CE_DELTA_CRL_INDICATOR);
        fixture.assert_fails(&LINT, "base None");
        let mut fixture = CrlFixture::shard();
        fixture.set(ID_CE_DELTA_CRL_INDICATOR, &290_u32);
        fixture.assert_fails(&LINT, "recorded is None");
    }
}
