//! The delta CRL of the right shard.

use const_oid::db::rfc5280::ID_CE_FRESHEST_CRL;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_freshest_crl",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (status: freshestCRL)",
    description: "the addresses of delta CRLs are exactly the issuer's shard for this serial number",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.table_has(ID_CE_FRESHEST_CRL) {
        return Outcome::NotApplicable;
    }
    let points = facts
        .freshest_crl
        .value()
        .map_or(&[][..], |points| &points.0);
    if points
        .iter()
        .any(|point| point.reasons.is_some() || point.crl_issuer.is_some())
    {
        return Outcome::fail("a point has reasons or a cRLIssuer");
    }
    let expected = facts.expected.freshest_crl_uris;
    Outcome::require(text::are_uris(text::full_names(points), expected), || {
        let found: Vec<_> = text::full_names(points).filter_map(text::uri).collect();
        format!("{found:?}, expected {expected:?}")
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_FRESHEST_CRL;
    use x509_cert::ext::pkix::FreshestCrl;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, points, uris};

    #[test]
    fn freshest_crl_is_the_shards() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let other = points(&uris(
            "http://crl.kasane.example/issuing-ecc-terminal/4-delta.crl",
        ));
        fixture.set(ID_CE_FRESHEST_CRL, &FreshestCrl(other));
        fixture.assert_fails(&LINT, "4-delta.crl");
        fixture.remove(ID_CE_FRESHEST_CRL);
        fixture.assert_fails(&LINT, "3-delta.crl");
        CertificateFixture::root().assert_not_applicable(&LINT);
    }
}
