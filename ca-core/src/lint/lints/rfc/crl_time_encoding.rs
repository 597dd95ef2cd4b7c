//! How the times of the list are written.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, TimeFacts};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_time_encoding",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1.2.4, §5.1.2.5",
    description: "thisUpdate and nextUpdate are UTCTime through 2049 and GeneralizedTime after, in Zulu, with seconds, without fractions",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let times = [Some(&facts.this_update), facts.next_update.as_ref()];
    let error = times
        .into_iter()
        .flatten()
        .find_map(TimeFacts::encoding_error);
    error.map_or(Outcome::Pass, Outcome::Fail)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::tlv;

    #[test]
    fn times_of_the_list_are_utc_time_until_2049() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.next_update = tlv(0x18, b"20270505000000Z");
        fixture.assert_fails(&LINT, "not UTCTime");
        fixture.next_update = tlv(0x18, b"20500101000000Z");
        fixture.assert_passes(&LINT);
        fixture.this_update = tlv(0x17, b"2705010000Z");
        fixture.assert_fails(&LINT, "2705010000Z");
    }
}
