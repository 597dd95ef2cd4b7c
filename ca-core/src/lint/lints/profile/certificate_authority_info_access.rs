//! Status and certificate of the issuer.

use const_oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_AD_OCSP, ID_PE_AUTHORITY_INFO_ACCESS};

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_authority_info_access",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (AIA)",
    description: "the OCSP and caIssuers addresses are exactly the issuer's",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.table_has(ID_PE_AUTHORITY_INFO_ACCESS) {
        return Outcome::NotApplicable;
    }
    let access = facts
        .authority_info_access
        .value()
        .map_or(&[][..], |access| &access.0);
    for (method, expected) in [
        (ID_AD_OCSP, facts.expected.ocsp_uris),
        (ID_AD_CA_ISSUERS, facts.expected.ca_issuer_uris),
    ] {
        let of_method = access.iter().filter(|d| d.access_method == method);
        if !text::are_uris(of_method.map(|d| &d.access_location), expected) {
            return Outcome::fail(format!("the addresses of {method} are not {expected:?}"));
        }
    }
    Outcome::Pass
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_PE_AUTHORITY_INFO_ACCESS;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, access};

    #[test]
    fn info_access_is_the_issuers() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        CertificateFixture::root().assert_not_applicable(&LINT);
        let (ocsp, ca) = (
            &fixture.expected.ocsp_uris,
            &fixture.expected.ca_issuer_uris,
        );
        for bad in [access(ca, ocsp), access(ocsp, &[]), access(&[], ca)] {
            let mut fixture = CertificateFixture::terminal();
            fixture.set(ID_PE_AUTHORITY_INFO_ACCESS, &bad);
            fixture.assert_fails(&LINT, "the addresses of");
        }
        fixture.remove(ID_PE_AUTHORITY_INFO_ACCESS);
        fixture.assert_fails(&LINT, "ocsp.kasane.example");
    }
}
