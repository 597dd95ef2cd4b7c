//! The inner `AlgorithmIdentifier` has the parameters of its algorithm.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_signature_parameters",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 4055 §5, RFC 5758 §3.2, RFC 8410 §3",
    description: "the signature algorithm is known; RSA has a NULL parameter, ECDSA and Ed25519 have none",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    super::signature_parameters(&facts.signature)
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5912;
    use der::{Any, Encode};
    use spki::AlgorithmIdentifierOwned;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn ecdsa_has_no_parameter_and_rsa_has_null() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        let with_null = |oid, parameters| AlgorithmIdentifierOwned { oid, parameters };
        let ecdsa = with_null(rfc5912::ECDSA_WITH_SHA_384, Some(Any::null()));
        fixture.signature = ecdsa.to_der().unwrap();
        fixture.assert_fails(&LINT, "with NULL");
        let rsa = with_null(rfc5912::SHA_256_WITH_RSA_ENCRYPTION, None);
        fixture.signature = rsa.to_der().unwrap();
        fixture.assert_fails(&LINT, "without parameters");
    }
}
