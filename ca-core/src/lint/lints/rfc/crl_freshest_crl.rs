//! A delta has no delta.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_freshest_crl",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2.6",
    description: "freshestCRL is not critical and in no delta CRL",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    if !facts.freshest_crl.is_present() {
        return Outcome::NotApplicable;
    }
    if facts.is_delta() {
        return Outcome::fail("freshestCRL in a delta CRL");
    }
    Outcome::require(facts.freshest_crl.critical() != Some(true), || {
        "freshestCRL is critical".to_owned()
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
    fn freshest_crl_is_in_no_delta() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_CE_FRESHEST_CRL, Some(true));
        fixture.assert_fails(&LINT, "is critical");
        let mut delta = CrlFixture::delta();
        delta.assert_not_applicable(&LINT);
        delta.set(
            ID_CE_FRESHEST_CRL,
            &FreshestCrl(points(&uris("http://crl.kasane.example/"))),
        );
        delta.assert_fails(&LINT, "in a delta CRL");
    }
}
