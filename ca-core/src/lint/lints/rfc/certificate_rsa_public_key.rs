//! RSA keys in the form that everybody reads.

use const_oid::db::rfc5912::RSA_ENCRYPTION;
use der::asn1::AnyRef;

use crate::lint::key::RsaKey;
use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_rsa_public_key",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 3279 §2.3.1, RFC 4055 §1.2",
    description: "an RSA key has a NULL parameter and consists of two positive integers",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if facts.spki.algorithm.oid != RSA_ENCRYPTION {
        return Outcome::NotApplicable;
    }
    if !facts.spki.algorithm.parameters.is_some_and(AnyRef::is_null) {
        return Outcome::fail("the parameter is not NULL");
    }
    Outcome::require(RsaKey::of(facts).is_some(), || "no RSAPublicKey".to_owned())
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5912::RSA_ENCRYPTION;
    use der::Any;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, rsa_modulus, rsa_spki, spki_of};

    #[test]
    fn rsa_key_has_null_parameter_and_two_positive_integers() {
        let mut fixture = CertificateFixture::terminal_rsa();
        fixture.assert_passes(&LINT);
        CertificateFixture::terminal().assert_not_applicable(&LINT);
        fixture.spki = spki_of(RSA_ENCRYPTION, None, &[0x30, 0]);
        fixture.assert_fails(&LINT, "not NULL");
        fixture.spki = spki_of(RSA_ENCRYPTION, Some(Any::null()), &[0x30, 0]);
        fixture.assert_fails(&LINT, "no RSAPublicKey");
        // Negative modulus: the leading zero octet is missing.
        fixture.spki = rsa_spki(&rsa_modulus()[1..], &[1, 0, 1]);
        fixture.assert_fails(&LINT, "no RSAPublicKey");
    }
}
