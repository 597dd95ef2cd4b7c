//! The algorithm of the issuer.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_signature_algorithm",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (signature)",
    description: "the inner signature algorithm is the one that the CA signs with",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let expected = facts.expected.signature_algorithm;
    Outcome::require(facts.signature.oid == expected.oid(), || {
        format!("{}, the CA signs with {expected}", facts.signature.oid)
    })
}

#[cfg(test)]
mod tests {
    use kasane_verify::SignatureAlgorithm;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::algorithm;

    #[test]
    fn signature_algorithm_is_the_issuers() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.signature = algorithm(SignatureAlgorithm::RsaPkcs1Sha256);
        fixture.assert_fails(&LINT, "ecdsa-sha384");
    }
}
