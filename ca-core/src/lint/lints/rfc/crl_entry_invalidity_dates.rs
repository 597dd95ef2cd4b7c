//! Invalidity dates of the entries.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entry_invalidity_dates",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.3.2",
    description: "invalidity dates are GeneralizedTime and not later than the revocation",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::entry_note(facts, |entries| &entries.invalidity)
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_INVALIDITY_DATE;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::tlv;

    #[test]
    fn invalidity_comes_before_revocation() {
        let mut fixture = CrlFixture::shard();
        fixture
            .entry(2)
            .set(ID_CE_INVALIDITY_DATE, tlv(0x18, b"20270401000000Z"));
        fixture.assert_passes(&LINT);
        for (tag, text) in [
            (0x17, &b"270401000000Z"[..]),
            (0x18, b"20270401000000.5Z"),
            (0x18, b"20270501000001Z"),
        ] {
            fixture.entry(2).set(ID_CE_INVALIDITY_DATE, tlv(tag, text));
            fixture.assert_fails(&LINT, "entry 2");
        }
    }
}
