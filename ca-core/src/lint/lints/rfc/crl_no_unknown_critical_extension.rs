//! No critical extension that verifiers do not know.

use const_oid::db::rfc5280::{ID_CE_DELTA_CRL_INDICATOR, ID_CE_ISSUING_DISTRIBUTION_POINT};

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_no_unknown_critical_extension",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2",
    description: "only issuingDistributionPoint and deltaCRLIndicator are critical: any other would make verifiers refuse the list",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let known = [ID_CE_ISSUING_DISTRIBUTION_POINT, ID_CE_DELTA_CRL_INDICATOR];
    let other = facts
        .extensions
        .iter()
        .find(|e| e.critical && !known.contains(&e.oid));
    other.map_or(Outcome::Pass, |extension| {
        Outcome::fail(format!("{} is critical", extension.oid))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_CRL_NUMBER;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn no_other_extension_is_critical() {
        let mut fixture = CrlFixture::delta();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_CE_CRL_NUMBER, Some(true));
        fixture.assert_fails(&LINT, "2.5.29.20");
    }
}
