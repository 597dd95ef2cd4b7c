//! A delta says so to all.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_delta_indicator",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2.4",
    description: "deltaCRLIndicator is critical and names a base whose number is lower than this CRL's",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    if !facts.is_delta() {
        return Outcome::NotApplicable;
    }
    let (Some(base), Some(number)) = (facts.delta_crl_indicator.value(), facts.crl_number.value())
    else {
        return Outcome::fail("a delta CRL without a readable base and number");
    };
    if facts.delta_crl_indicator.critical() != Some(true) {
        return Outcome::fail("deltaCRLIndicator is not critical");
    }
    // Two non-negative integers in shortest form: the longer one is the greater.
    let (base, number) = (base.as_bytes(), number.as_bytes());
    let lower = (base.len(), base) < (number.len(), number);
    Outcome::require(
        lower && base.first().is_some_and(|first| *first < 0x80),
        || format!("base {} of CRL {}", text::hex(base), text::hex(number)),
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_CRL_NUMBER, ID_CE_DELTA_CRL_INDICATOR};

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn delta_names_a_lower_base_and_is_critical() {
        let mut fixture = CrlFixture::delta();
        fixture.assert_passes(&LINT);
        for bad in [300_u32, 301, 70_000] {
            fixture.set(ID_CE_DELTA_CRL_INDICATOR, &bad);
            fixture.assert_fails(&LINT, "base");
        }
        fixture.set(ID_CE_DELTA_CRL_INDICATOR, &0_u32);
        fixture.assert_passes(&LINT);
        fixture.set(ID_CE_DELTA_CRL_INDICATOR, &-1_i8);
        fixture.assert_fails(&LINT, "base ff");
        fixture.set_critical(ID_CE_DELTA_CRL_INDICATOR, None);
        fixture.assert_fails(&LINT, "not critical");
        fixture.remove(ID_CE_CRL_NUMBER);
        fixture.assert_fails(&LINT, "without");
        CrlFixture::shard().assert_not_applicable(&LINT);
    }
}
