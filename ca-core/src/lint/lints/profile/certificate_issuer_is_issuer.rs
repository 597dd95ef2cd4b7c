//! The chain holds by name.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_issuer_is_issuer",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.4, §6.1.3",
    description: "the issuer is the issuer certificate's subject, byte for byte",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(facts.issuer.der == facts.expected.issuer_name_der, || {
        format!(
            "issuer {}, the issuer certificate says {}",
            text::hex(facts.issuer.der),
            text::hex(facts.expected.issuer_name_der)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn issuer_is_the_issuers_subject_byte_for_byte() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        // The same text in another string type would do for a tolerant verifier, not for all.
        let position = fixture
            .issuer
            .iter()
            .rposition(|octet| *octet == 0x0c)
            .unwrap();
        fixture.issuer[position] = 0x13;
        fixture.assert_fails(&LINT, "issuer certificate says");
    }
}
