//! The issuer has a name.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_issuer_not_empty",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.4",
    description: "the issuer is a distinguished name that is not empty",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(facts.issuer.rdn_count > 0, || {
        "the issuer is an empty sequence".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn issuer_is_not_empty() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.issuer = vec![0x30, 0];
        fixture.assert_fails(&LINT, "empty");
    }
}
