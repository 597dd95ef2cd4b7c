//! How revocation dates are written.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_entry_times",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1.2.6",
    description: "revocation dates are UTCTime through 2049 and GeneralizedTime after",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::entry_note(facts, |entries| &entries.time)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::tlv;

    #[test]
    fn revocation_dates_are_utc_time_until_2049() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        for (tag, text) in [(0x18, &b"20270401000000Z"[..]), (0x17, b"2704010000Z")] {
            fixture.entry(1).revocation_date = tlv(tag, text);
            fixture.assert_fails(&LINT, "entry 1");
        }
    }
}
