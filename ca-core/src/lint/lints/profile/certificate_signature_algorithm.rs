//! The algorithm of the issuer.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_signature_algorithm",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (key, signature)",
    description: "the inner signature algorithm is the one that the issuer signs with",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let expected = facts.expected.signature_algorithm;
    Outcome::require(facts.signature.oid == expected.oid(), || {
        format!("{}, the issuer signs with {expected}", facts.signature.oid)
    })
}

#[cfg(test)]
mod tests {
    use kasane_verify::SignatureAlgorithm;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, algorithm};

    #[test]
    fn signature_algorithm_is_the_issuers() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        CertificateFixture::terminal_rsa().assert_passes(&LINT);
        fixture.signature = algorithm(SignatureAlgorithm::EcdsaSha256);
        fixture.assert_fails(&LINT, "ecdsa-sha384");
    }
}
