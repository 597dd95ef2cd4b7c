//! A complete list points to its deltas.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_freshest_crl_address",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (freshestCRL)",
    description: "the addresses of the delta CRLs are exactly the shard's",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let points = facts
        .freshest_crl
        .value()
        .map_or(&[][..], |points| &points.0);
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
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::{points, uris};

    #[test]
    fn freshest_crl_is_the_shards() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        let other = points(&uris("http://crl.kasane.example/4-delta.crl"));
        fixture.set(ID_CE_FRESHEST_CRL, &FreshestCrl(other));
        fixture.assert_fails(&LINT, "4-delta.crl");
        fixture.remove(ID_CE_FRESHEST_CRL);
        fixture.assert_fails(&LINT, "3-delta.crl");
        CrlFixture::delta().assert_passes(&LINT);
    }
}
