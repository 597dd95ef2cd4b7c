//! A key usage means something.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_key_usage_not_empty",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.3",
    description: "keyUsage asserts at least one bit; encipherOnly and decipherOnly stand only beside keyAgreement",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(usage) = facts.key_usage.value() else {
        return Outcome::NotApplicable;
    };
    if usage.0.is_empty() {
        return Outcome::fail("no bit is asserted");
    }
    let only = usage.encipher_only() || usage.decipher_only();
    Outcome::require(!only || usage.key_agreement(), || {
        "encipherOnly or decipherOnly without keyAgreement".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_KEY_USAGE;
    use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn key_usage_asserts_a_bit() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_KEY_USAGE, vec![0x03, 1, 0]);
        fixture.assert_fails(&LINT, "no bit");
        fixture.set(ID_CE_KEY_USAGE, &KeyUsage(KeyUsages::EncipherOnly.into()));
        fixture.assert_fails(&LINT, "keyAgreement");
    }
}
