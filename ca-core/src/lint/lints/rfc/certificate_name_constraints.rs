//! Name constraints bind.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_name_constraints",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.10",
    description: "nameConstraints is only in CA certificates, critical, not empty, with minimum 0 and no maximum",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(constraints) = facts.name_constraints.value() else {
        return Outcome::NotApplicable;
    };
    if !facts.asserts_ca() {
        return Outcome::fail("nameConstraints in a certificate of no CA");
    }
    if facts.name_constraints.critical() != Some(true) {
        return Outcome::fail("nameConstraints is not critical");
    }
    let lists = [
        &constraints.permitted_subtrees,
        &constraints.excluded_subtrees,
    ];
    let mut subtrees = lists.into_iter().flatten().flatten().peekable();
    if subtrees.peek().is_none() {
        return Outcome::fail("nameConstraints is empty");
    }
    Outcome::require(
        subtrees.all(|tree| tree.minimum == 0 && tree.maximum.is_none()),
        || "a subtree has a minimum or a maximum".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_NAME_CONSTRAINTS;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn name_constraints_are_critical_and_not_empty() {
        let mut fixture = CertificateFixture::issuing();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_CE_NAME_CONSTRAINTS, None);
        fixture.assert_fails(&LINT, "not critical");
        fixture.set_critical(ID_CE_NAME_CONSTRAINTS, Some(true));
        fixture.set_raw(ID_CE_NAME_CONSTRAINTS, vec![0x30, 0]);
        fixture.assert_fails(&LINT, "empty");
        // permittedSubtrees { { base dNSName "a", minimum 1 } }
        let with_minimum = [0x30, 10, 0xa0, 8, 0x30, 6, 0x82, 1, b'a', 0x80, 1, 1];
        fixture.set_raw(ID_CE_NAME_CONSTRAINTS, with_minimum.to_vec());
        fixture.assert_fails(&LINT, "minimum");

        let mut fixture = CertificateFixture::terminal();
        fixture.assert_not_applicable(&LINT);
        fixture.set_raw(ID_CE_NAME_CONSTRAINTS, with_minimum.to_vec());
        fixture.assert_fails(&LINT, "no CA");
    }
}
