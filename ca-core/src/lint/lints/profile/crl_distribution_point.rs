//! The list is the one that certificates point to.

use x509_cert::ext::pkix::name::DistributionPointName;

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_distribution_point",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (shards), RFC 5280 §6.3.3 (b)(2)",
    description: "the issuing distribution point has the address in the certificates of this shard, byte for byte, and a list of everything has none",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let name = facts
        .issuing_distribution_point
        .value()
        .and_then(|idp| idp.distribution_point.as_ref());
    let matches = match (name, facts.expected.idp_uri) {
        (None, None) => true,
        (Some(DistributionPointName::FullName(names)), Some(expected)) => {
            matches!(names.as_slice(), [name] if text::uri(name) == Some(expected))
        }
        _ => false,
    };
    Outcome::require(matches, || {
        format!("the distribution point is not {:?}", facts.expected.idp_uri)
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT;

    use super::LINT;
    use crate::lint::crl_fixture::{CrlFixture, idp};

    #[test]
    fn distribution_point_is_the_shards() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.set(
            ID_CE_ISSUING_DISTRIBUTION_POINT,
            &idp("http://crl.kasane.example/4.crl"),
        );
        fixture.assert_fails(&LINT, "3.crl");
        fixture.remove(ID_CE_ISSUING_DISTRIBUTION_POINT);
        fixture.assert_fails(&LINT, "3.crl");
        let mut root = CrlFixture::root();
        root.assert_passes(&LINT);
        root.set(
            ID_CE_ISSUING_DISTRIBUTION_POINT,
            &idp("http://crl.kasane.example/4.crl"),
        );
        root.assert_fails(&LINT, "None");
    }
}
