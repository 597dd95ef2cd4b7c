//! Numbers only grow.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_number_increases",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2.3, Kasane status profile (CRL number)",
    description: "the CRL number is the recorded one and greater than the last one of its scope",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let Some(number) = facts.crl_number.value() else {
        return Outcome::NotApplicable;
    };
    let expected = facts.expected.crl_number;
    if text::small_number(number.as_bytes()) != Some(expected) {
        return Outcome::fail(format!(
            "CRL number {}, recorded is {expected}",
            text::hex(number.as_bytes())
        ));
    }
    let previous = facts.expected.previous_crl_number;
    Outcome::require(previous.is_none_or(|previous| previous < expected), || {
        format!(
            "CRL number {expected} after {}",
            previous.unwrap_or_default()
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_CRL_NUMBER;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn number_is_recorded_and_greater_than_the_last() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.set(ID_CE_CRL_NUMBER, &301_u32);
        fixture.assert_fails(&LINT, "recorded is 300");
        fixture.set(ID_CE_CRL_NUMBER, &300_u32);
        fixture.expected.previous_crl_number = Some(300);
        fixture.assert_fails(&LINT, "300 after 300");
        fixture.expected.previous_crl_number = None;
        fixture.assert_passes(&LINT);
        // 2^64 + 300 does not pass for 300.
        let wrapped = [&[0x02, 9, 1][..], &300_u64.to_be_bytes()].concat();
        fixture.set_raw(ID_CE_CRL_NUMBER, wrapped);
        fixture.assert_fails(&LINT, "recorded is 300");
    }
}
