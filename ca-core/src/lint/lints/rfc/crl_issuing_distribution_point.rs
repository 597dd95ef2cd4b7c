//! The scope of the list is seen by all.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_issuing_distribution_point",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2.5",
    description: "issuingDistributionPoint is critical, not empty, and asserts at most one of its scopes",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let Some(idp) = facts.issuing_distribution_point.value() else {
        return Outcome::NotApplicable;
    };
    if facts.issuing_distribution_point.critical() != Some(true) {
        return Outcome::fail("issuingDistributionPoint is not critical");
    }
    let scopes = [
        idp.only_contains_user_certs,
        idp.only_contains_ca_certs,
        idp.only_contains_attribute_certs,
    ];
    let scopes = scopes.into_iter().filter(|asserted| *asserted).count();
    if scopes > 1 {
        return Outcome::fail("more than one scope is asserted");
    }
    let says_something = scopes > 0
        || idp.distribution_point.is_some()
        || idp.only_some_reasons.is_some()
        || idp.indirect_crl;
    Outcome::require(says_something, || {
        "issuingDistributionPoint is empty".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT;

    use super::LINT;
    use crate::lint::crl_fixture::{CrlFixture, idp};

    #[test]
    fn issuing_distribution_point_is_critical_and_not_empty() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_CE_ISSUING_DISTRIBUTION_POINT, None);
        fixture.assert_fails(&LINT, "not critical");
        fixture.set_critical(ID_CE_ISSUING_DISTRIBUTION_POINT, Some(true));
        let mut both = idp("http://crl.kasane.example/3.crl");
        both.only_contains_user_certs = true;
        fixture.set(ID_CE_ISSUING_DISTRIBUTION_POINT, &both);
        fixture.assert_passes(&LINT);
        both.only_contains_ca_certs = true;
        fixture.set(ID_CE_ISSUING_DISTRIBUTION_POINT, &both);
        fixture.assert_fails(&LINT, "more than one");
        fixture.set_raw(ID_CE_ISSUING_DISTRIBUTION_POINT, vec![0x30, 0]);
        fixture.assert_fails(&LINT, "empty");
        CrlFixture::root().assert_not_applicable(&LINT);
    }
}
