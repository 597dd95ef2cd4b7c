//! A CA may sign certificates and CRLs.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ca_key_usage",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.3",
    description: "a CA certificate has a critical keyUsage with keyCertSign and cRLSign",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.expected.role.is_ca() {
        return Outcome::NotApplicable;
    }
    match facts.key_usage.value() {
        None => Outcome::fail("keyUsage is missing"),
        Some(usage) if !usage.key_cert_sign() => Outcome::fail("keyCertSign is not asserted"),
        Some(usage) if !usage.crl_sign() => Outcome::fail("cRLSign is not asserted"),
        Some(_) => Outcome::require(facts.key_usage.critical() == Some(true), || {
            "keyUsage is not critical".to_owned()
        }),
    }
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_KEY_USAGE;
    use x509_cert::ext::pkix::KeyUsages;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, usage};

    #[test]
    fn ca_asserts_key_cert_sign_and_crl_sign() {
        let mut fixture = CertificateFixture::issuing();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_CE_KEY_USAGE, None);
        fixture.assert_fails(&LINT, "not critical");
        fixture.set(ID_CE_KEY_USAGE, &usage(KeyUsages::KeyCertSign));
        fixture.assert_fails(&LINT, "cRLSign");
        fixture.set(ID_CE_KEY_USAGE, &usage(KeyUsages::CRLSign));
        fixture.assert_fails(&LINT, "keyCertSign");
        fixture.remove(ID_CE_KEY_USAGE);
        fixture.assert_fails(&LINT, "missing");
    }
}
