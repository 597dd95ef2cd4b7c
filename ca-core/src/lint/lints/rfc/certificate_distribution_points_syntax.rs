//! Distribution points lead somewhere.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_distribution_points_syntax",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.13, §4.2.1.15",
    description: "cRLDistributionPoints and freshestCRL are not empty, not critical, and every point says where its CRL is",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let cdp = facts
        .crl_distribution_points
        .value()
        .map(|points| &points.0);
    let freshest = facts.freshest_crl.value().map(|points| &points.0);
    if cdp.is_none() && freshest.is_none() {
        return Outcome::NotApplicable;
    }
    if facts.crl_distribution_points.critical() == Some(true)
        || facts.freshest_crl.critical() == Some(true)
    {
        return Outcome::fail("the extension is critical");
    }
    for points in [cdp, freshest].into_iter().flatten() {
        if points.is_empty() {
            return Outcome::fail("the extension is an empty sequence");
        }
        if points
            .iter()
            .any(|point| point.distribution_point.is_none())
        {
            return Outcome::fail("a point has no distributionPoint");
        }
    }
    Outcome::Pass
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_CRL_DISTRIBUTION_POINTS, ID_CE_FRESHEST_CRL};

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn distribution_points_say_where_the_list_is() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        for oid in [ID_CE_FRESHEST_CRL, ID_CE_CRL_DISTRIBUTION_POINTS] {
            let mut fixture = CertificateFixture::terminal();
            fixture.set_critical(oid, Some(true));
            fixture.assert_fails(&LINT, "critical");
            fixture.set_critical(oid, None);
            fixture.set_raw(oid, vec![0x30, 0]);
            fixture.assert_fails(&LINT, "empty");
        }
        // A point with nothing but reasons.
        fixture.set_raw(
            ID_CE_CRL_DISTRIBUTION_POINTS,
            vec![0x30, 6, 0x30, 4, 0x81, 2, 6, 0x40],
        );
        fixture.assert_fails(&LINT, "no distributionPoint");
        CertificateFixture::root().assert_not_applicable(&LINT);
    }
}
