//! How the validity period is written.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, TimeFacts};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_validity_encoding",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.5",
    description: "times through 2049 are UTCTime, later ones GeneralizedTime, in Zulu, with seconds, without fractions",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let errors = [&facts.not_before, &facts.not_after].map(TimeFacts::encoding_error);
    errors
        .into_iter()
        .flatten()
        .next()
        .map_or(Outcome::Pass, Outcome::Fail)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, tlv};

    #[test]
    fn times_are_utc_time_until_2049_and_generalized_time_after() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        // Ends in 2052.
        CertificateFixture::root().assert_passes(&LINT);
        for (tag, text) in [
            (0x18, &b"20300731235959Z"[..]),
            (0x17, b"3007312359Z"),
            (0x17, b"300731235959+0900"),
            (0x18, b"20520501000000.5Z"),
            (0x18, b"20520501000000"),
            (0x13, b"300731235959Z"),
            (0x17, b"301331235959Z"),
        ] {
            fixture.not_after = tlv(tag, text);
            fixture.assert_fails(&LINT, std::str::from_utf8(text).unwrap());
        }
        fixture.not_after = tlv(0x18, b"20500101000000Z");
        fixture.assert_passes(&LINT);
        fixture.not_before = tlv(0x18, b"20270501000000Z");
        fixture.assert_fails(&LINT, "GeneralizedTime, not UTCTime");
    }
}
