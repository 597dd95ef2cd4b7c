//! The inner `AlgorithmIdentifier` has the parameters of its algorithm.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_signature_parameters",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 4055 §5, RFC 5758 §3.2, RFC 8410 §3",
    description: "the signature algorithm is known; RSA has a NULL parameter, ECDSA and Ed25519 have none",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    super::signature_parameters(&facts.signature)
}

#[cfg(test)]
mod tests {
    use const_oid::ObjectIdentifier;
    use const_oid::db::rfc5912;
    use der::{Any, Encode};
    use spki::AlgorithmIdentifierOwned;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn rsa_has_null_and_ecdsa_has_no_parameter() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.signature = identifier(rfc5912::ECDSA_WITH_SHA_384, Some(Any::null()));
        fixture.assert_fails(&LINT, "with NULL");
        fixture.signature = identifier(rfc5912::SHA_1_WITH_RSA_ENCRYPTION, Some(Any::null()));
        fixture.assert_fails(&LINT, "unknown");

        let mut fixture = CertificateFixture::terminal_rsa();
        fixture.assert_passes(&LINT);
        fixture.signature = identifier(rfc5912::SHA_256_WITH_RSA_ENCRYPTION, None);
        fixture.assert_fails(&LINT, "without parameters");
    }

    fn identifier(oid: ObjectIdentifier, parameters: Option<Any>) -> Vec<u8> {
        AlgorithmIdentifierOwned { oid, parameters }
            .to_der()
            .unwrap()
    }
}
