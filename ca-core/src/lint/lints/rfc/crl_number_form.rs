//! The list has a number.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_number_form",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2.3, CA/B BR §7.2.2",
    description: "the CRL number is there, not critical, not negative, and at most 20 octets",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    if facts.crl_number.critical() == Some(true) {
        return Outcome::fail("the CRL number is critical");
    }
    let Some(number) = facts.crl_number.value() else {
        return Outcome::fail("the CRL number is missing");
    };
    let octets = number.as_bytes();
    let negative = octets.first().is_none_or(|first| *first >= 0x80);
    Outcome::require(!negative && octets.len() <= 20, || {
        format!("CRL number {}", text::hex(octets))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_CRL_NUMBER;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::tlv;

    #[test]
    fn number_is_not_negative_and_at_most_20_octets() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_CRL_NUMBER, tlv(0x02, &[0x7f; 20]));
        fixture.assert_passes(&LINT);
        for bad in [&[0x80_u8, 1][..], &[0x7f; 21]] {
            fixture.set_raw(ID_CE_CRL_NUMBER, tlv(0x02, bad));
            fixture.assert_fails(&LINT, "CRL number");
        }
        fixture.set_critical(ID_CE_CRL_NUMBER, Some(true));
        fixture.assert_fails(&LINT, "is critical");
        fixture.remove(ID_CE_CRL_NUMBER);
        fixture.assert_fails(&LINT, "missing");
    }
}
