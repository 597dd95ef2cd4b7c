//! A CA says that it is one.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ca_basic_constraints",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.9",
    description: "a CA certificate has critical basicConstraints with cA TRUE",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.expected.role.is_ca() {
        return Outcome::NotApplicable;
    }
    match facts.basic_constraints.value() {
        None => Outcome::fail("basicConstraints is missing"),
        Some(constraints) if !constraints.ca => Outcome::fail("cA is FALSE"),
        Some(_) => Outcome::require(facts.basic_constraints.critical() == Some(true), || {
            "basicConstraints is not critical".to_owned()
        }),
    }
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_BASIC_CONSTRAINTS;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn ca_has_critical_basic_constraints() {
        let mut fixture = CertificateFixture::issuing();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_CE_BASIC_CONSTRAINTS, None);
        fixture.assert_fails(&LINT, "not critical");
        fixture.set_raw(ID_CE_BASIC_CONSTRAINTS, vec![0x30, 0]);
        fixture.assert_fails(&LINT, "FALSE");
        fixture.remove(ID_CE_BASIC_CONSTRAINTS);
        fixture.assert_fails(&LINT, "missing");
        CertificateFixture::terminal().assert_not_applicable(&LINT);
    }
}
