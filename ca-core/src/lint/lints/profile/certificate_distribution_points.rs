//! The CRL of the right shard.

use const_oid::db::rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_distribution_points",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (status: CDP)",
    description: "the CRL addresses are exactly the issuer's shard for this serial number, for all reasons and signed by the issuer",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.table_has(ID_CE_CRL_DISTRIBUTION_POINTS) {
        return Outcome::NotApplicable;
    }
    let points = facts
        .crl_distribution_points
        .value()
        .map_or(&[][..], |points| &points.0);
    if points
        .iter()
        .any(|point| point.reasons.is_some() || point.crl_issuer.is_some())
    {
        return Outcome::fail("a point has reasons or a cRLIssuer");
    }
    Outcome::require(
        text::are_uris(text::full_names(points), facts.expected.cdp_uris),
        || {
            let found: Vec<_> = text::full_names(points).filter_map(text::uri).collect();
            format!("{found:?}, expected {:?}", facts.expected.cdp_uris)
        },
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS;
    use x509_cert::ext::pkix::CrlDistributionPoints;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, points, uri_name, uris};

    #[test]
    fn distribution_point_is_the_shards() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        CertificateFixture::root().assert_not_applicable(&LINT);
        let mut other = points(&uris(
            "http://crl.kasane.example/issuing-ecc-terminal/4.crl",
        ));
        fixture.set(
            ID_CE_CRL_DISTRIBUTION_POINTS,
            &CrlDistributionPoints(other.clone()),
        );
        fixture.assert_fails(&LINT, "4.crl");
        other = points(&fixture.expected.cdp_uris);
        other[0].crl_issuer = Some(vec![uri_name("http://other.example/")]);
        fixture.set(ID_CE_CRL_DISTRIBUTION_POINTS, &CrlDistributionPoints(other));
        fixture.assert_fails(&LINT, "cRLIssuer");
        fixture.remove(ID_CE_CRL_DISTRIBUTION_POINTS);
        fixture.assert_fails(&LINT, "3.crl");
    }
}
