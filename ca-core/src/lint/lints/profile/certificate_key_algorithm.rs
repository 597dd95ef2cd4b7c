//! The key of the profile.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, key};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_key_algorithm",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (key)",
    description: "the subject's key has the algorithm and size that the profile allows",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let found = key::algorithm_of(facts);
    Outcome::require(found == Some(facts.expected.key_algorithm), || {
        let found = found.map_or_else(|| "unknown".to_owned(), |found| found.to_string());
        format!("the key is {found}, not {}", facts.expected.key_algorithm)
    })
}

#[cfg(test)]
mod tests {
    use kasane_verify::KeyAlgorithm;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, rsa_modulus, rsa_spki};

    #[test]
    fn key_has_the_profiles_algorithm() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        CertificateFixture::terminal_rsa().assert_passes(&LINT);
        fixture.expected.key_algorithm = KeyAlgorithm::P256;
        fixture.assert_fails(&LINT, "the key is p-384, not p-256");
        fixture.spki = rsa_spki(&rsa_modulus(), &[1, 0, 1]);
        fixture.expected.key_algorithm = KeyAlgorithm::RSA_3072;
        fixture.assert_fails(&LINT, "the key is rsa-2048, not rsa-3072");
    }
}
