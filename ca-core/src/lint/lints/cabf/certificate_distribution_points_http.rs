//! CRLs come over http.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_distribution_points_http",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.2.11.2",
    description: "CRL addresses are plain http: a CRL fetched over TLS would need a CRL",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let cdp = facts
        .crl_distribution_points
        .value()
        .map_or(&[][..], |points| &points.0);
    let freshest = facts
        .freshest_crl
        .value()
        .map_or(&[][..], |points| &points.0);
    if cdp.is_empty() && freshest.is_empty() {
        return Outcome::NotApplicable;
    }
    let mut names = text::full_names(cdp).chain(text::full_names(freshest));
    let other = names.find(|name| text::uri(name).and_then(text::http_host).is_none());
    other.map_or(Outcome::Pass, |name| {
        Outcome::fail(format!(
            "{:?} is no http address",
            text::uri(name).unwrap_or("a name")
        ))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_CRL_DISTRIBUTION_POINTS, ID_CE_FRESHEST_CRL};
    use x509_cert::ext::pkix::CrlDistributionPoints;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, points, uris};

    #[test]
    fn crl_addresses_are_http() {
        CertificateFixture::terminal().assert_passes(&LINT);
        for oid in [ID_CE_CRL_DISTRIBUTION_POINTS, ID_CE_FRESHEST_CRL] {
            for bad in [
                "https://crl.kasane.example/3.crl",
                "ldap://crl/cn",
                "http:///3.crl",
            ] {
                let mut fixture = CertificateFixture::terminal();
                fixture.set(oid, &CrlDistributionPoints(points(&uris(bad))));
                fixture.assert_fails(&LINT, bad);
            }
        }
    }
}
