//! The key whose possession was proved.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_key_is_requested",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (key)",
    description: "the subject's key is the one of the request, byte for byte",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(facts.spki_der == facts.expected.spki_der, || {
        "the key is not the one that was requested".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, rsa_modulus, rsa_spki};

    #[test]
    fn key_is_the_requested_one() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.spki = rsa_spki(&rsa_modulus(), &[1, 0, 1]);
        fixture.assert_fails(&LINT, "requested");
    }
}
