//! No indirect lists, none for some reasons.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_not_partitioned_by_reason",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.2.2.1",
    description: "a list covers all reasons and the certificates of its own issuer only",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let Some(idp) = facts.issuing_distribution_point.value() else {
        return Outcome::NotApplicable;
    };
    if idp.indirect_crl || idp.only_contains_attribute_certs {
        return Outcome::fail("indirectCRL or onlyContainsAttributeCerts is asserted");
    }
    Outcome::require(idp.only_some_reasons.is_none(), || {
        "onlySomeReasons is there".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT;
    use x509_cert::ext::pkix::crl::dp::Reasons;

    use super::LINT;
    use crate::lint::crl_fixture::{CrlFixture, idp};

    #[test]
    fn list_is_direct_and_for_all_reasons() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        let mut indirect = idp("http://crl.kasane.example/3.crl");
        indirect.indirect_crl = true;
        fixture.set(ID_CE_ISSUING_DISTRIBUTION_POINT, &indirect);
        fixture.assert_fails(&LINT, "indirectCRL");
        let mut reasons = idp("http://crl.kasane.example/3.crl");
        reasons.only_some_reasons = Some(Reasons::KeyCompromise.into());
        fixture.set(ID_CE_ISSUING_DISTRIBUTION_POINT, &reasons);
        fixture.assert_fails(&LINT, "onlySomeReasons");
    }
}
