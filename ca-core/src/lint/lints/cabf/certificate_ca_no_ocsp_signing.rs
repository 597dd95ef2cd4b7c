//! A CA is no delegated OCSP signer.

use const_oid::db::rfc5280::ID_KP_OCSP_SIGNING;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ca_no_ocsp_signing",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.2.10.6",
    description: "a CA certificate does not have the purpose OCSPSigning",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.expected.role.is_ca() {
        return Outcome::NotApplicable;
    }
    let signs = facts
        .extended_key_usage
        .value()
        .is_some_and(|p| p.0.contains(&ID_KP_OCSP_SIGNING));
    Outcome::require(!signs, || "a CA has the purpose OCSPSigning".to_owned())
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_EXT_KEY_USAGE, ID_KP_CLIENT_AUTH, ID_KP_OCSP_SIGNING};
    use x509_cert::ext::pkix::ExtendedKeyUsage;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn ca_has_no_ocsp_signing() {
        let mut fixture = CertificateFixture::issuing();
        fixture.assert_passes(&LINT);
        CertificateFixture::root().assert_passes(&LINT);
        let purposes = ExtendedKeyUsage(vec![ID_KP_CLIENT_AUTH, ID_KP_OCSP_SIGNING]);
        fixture.set(ID_CE_EXT_KEY_USAGE, &purposes);
        fixture.assert_fails(&LINT, "OCSPSigning");
        CertificateFixture::ocsp_signer().assert_not_applicable(&LINT);
    }
}
