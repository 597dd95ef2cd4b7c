//! Information about the issuer can be fetched.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_authority_info_access_syntax",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.2.1",
    description: "authorityInfoAccess is not critical and not empty, and its locations are URIs",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(access) = facts.authority_info_access.value() else {
        return Outcome::NotApplicable;
    };
    if facts.authority_info_access.critical() == Some(true) {
        return Outcome::fail("authorityInfoAccess is critical");
    }
    if access.0.is_empty() {
        return Outcome::fail("authorityInfoAccess is an empty sequence");
    }
    Outcome::require(
        access
            .0
            .iter()
            .all(|a| text::uri(&a.access_location).is_some()),
        || "a location is no URI".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_PE_AUTHORITY_INFO_ACCESS;
    use x509_cert::ext::pkix::name::GeneralName;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, access, octets};

    #[test]
    fn info_access_is_not_critical_and_has_locations() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_PE_AUTHORITY_INFO_ACCESS, Some(true));
        fixture.assert_fails(&LINT, "is critical");
        fixture.set_critical(ID_PE_AUTHORITY_INFO_ACCESS, None);
        let mut bad = access(&fixture.expected.ocsp_uris, &[]);
        bad.0[0].access_location = GeneralName::IpAddress(octets(&[10, 0, 0, 1]));
        fixture.set(ID_PE_AUTHORITY_INFO_ACCESS, &bad);
        fixture.assert_fails(&LINT, "no URI");
        fixture.set(ID_PE_AUTHORITY_INFO_ACCESS, &access(&[], &[]));
        fixture.assert_fails(&LINT, "empty");
    }
}
