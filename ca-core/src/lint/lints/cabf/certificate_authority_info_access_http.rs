//! Status and issuers come over http.

use const_oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_AD_OCSP};

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_authority_info_access_http",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.2.7.7, §7.1.2.10.3",
    description: "authorityInfoAccess has OCSP and caIssuers addresses only, over plain http",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(access) = facts.authority_info_access.value() else {
        return Outcome::NotApplicable;
    };
    for description in &access.0 {
        if ![ID_AD_OCSP, ID_AD_CA_ISSUERS].contains(&description.access_method) {
            return Outcome::fail(format!("access method {}", description.access_method));
        }
        let uri = text::uri(&description.access_location);
        if uri.and_then(text::http_host).is_none() {
            return Outcome::fail(format!("{:?} is no http address", uri.unwrap_or("a name")));
        }
    }
    Outcome::Pass
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_AD_CA_REPOSITORY, ID_PE_AUTHORITY_INFO_ACCESS};

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, access, uris};

    #[test]
    fn info_access_is_http() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let secure = uris("https://ocsp.kasane.example/");
        fixture.set(ID_PE_AUTHORITY_INFO_ACCESS, &access(&secure, &[]));
        fixture.assert_fails(&LINT, "https");
        let mut other = access(&uris("http://ocsp.kasane.example/"), &[]);
        other.0[0].access_method = ID_AD_CA_REPOSITORY;
        fixture.set(ID_PE_AUTHORITY_INFO_ACCESS, &other);
        fixture.assert_fails(&LINT, "access method");
    }
}
