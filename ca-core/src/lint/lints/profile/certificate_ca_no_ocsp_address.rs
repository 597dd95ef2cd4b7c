//! Roots answer no OCSP.

use const_oid::db::rfc5280::ID_AD_OCSP;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ca_no_ocsp_address",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (status of CAs)",
    description: "a CA certificate has no OCSP address: its status is the root's CRL",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.expected.role.is_ca() {
        return Outcome::NotApplicable;
    }
    let access = facts
        .authority_info_access
        .value()
        .map_or(&[][..], |access| &access.0);
    Outcome::require(access.iter().all(|d| d.access_method != ID_AD_OCSP), || {
        "a CA certificate has an OCSP address".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_PE_AUTHORITY_INFO_ACCESS;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, access, uris};

    #[test]
    fn ca_certificate_has_no_ocsp_address() {
        let mut fixture = CertificateFixture::issuing();
        fixture.assert_passes(&LINT);
        let with_ocsp = access(&uris("http://ocsp.kasane.example/"), &[]);
        fixture.set(ID_PE_AUTHORITY_INFO_ACCESS, &with_ocsp);
        fixture.assert_fails(&LINT, "OCSP address");
        CertificateFixture::terminal().assert_not_applicable(&LINT);
    }
}
