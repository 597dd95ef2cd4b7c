//! Nobody begins before the issuer.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_begins_after_issuer",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (validity), RFC 5280 §6.1.3",
    description: "a certificate does not begin before its issuer's",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let (Some(not_before), Some(begin)) = (facts.not_before.at, facts.expected.issuer_not_before)
    else {
        return Outcome::NotApplicable;
    };
    Outcome::require(not_before >= begin, || {
        format!("begins {not_before}, the issuer {begin}")
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, time};

    #[test]
    fn certificate_begins_with_its_issuer_or_later() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let begin = fixture.expected.issuer_not_before.unwrap();
        fixture.not_before = time(begin);
        fixture.assert_passes(&LINT);
        fixture.not_before = time(begin.plus_seconds(-1));
        fixture.assert_fails(&LINT, "the issuer");
        CertificateFixture::root().assert_not_applicable(&LINT);
    }
}
