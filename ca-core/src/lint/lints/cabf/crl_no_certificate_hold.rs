//! No suspension.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_no_certificate_hold",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.2.2 (CRLReasons)",
    description: "no certificate is on hold: a revocation is for good",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    match &facts.entries {
        None => Outcome::NotApplicable,
        Some(entries) => entries
            .hold
            .as_ref()
            .map_or(Outcome::Pass, |note| Outcome::fail(note.reason.clone())),
    }
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_CRL_REASONS;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn no_certificate_is_on_hold() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.entry(2).set(ID_CE_CRL_REASONS, vec![0x0a, 1, 6]);
        fixture.assert_fails(&LINT, "entry 2");
        CrlFixture::root().assert_not_applicable(&LINT);
    }
}
