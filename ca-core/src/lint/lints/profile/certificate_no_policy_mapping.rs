//! Policies are not mapped.

use const_oid::db::rfc5280;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_no_policy_mapping",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (cross: no policyMappings)",
    description: "no certificate maps, requires or inhibits policies: RSA must never satisfy a system that asks for an ECC policy",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let refused = [
        rfc5280::ID_CE_POLICY_MAPPINGS,
        rfc5280::ID_CE_POLICY_CONSTRAINTS,
        rfc5280::ID_CE_INHIBIT_ANY_POLICY,
    ];
    let found: Vec<_> = refused
        .iter()
        .filter(|oid| facts.extension(**oid).is_some())
        .collect();
    Outcome::require(found.is_empty(), || format!("there: {}", text::oids(found)))
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_POLICY_MAPPINGS;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn cross_certificate_maps_no_policy() {
        let mut fixture = CertificateFixture::cross();
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_POLICY_MAPPINGS, vec![0x30, 0]);
        fixture.assert_fails(&LINT, "2.5.29.33");
    }
}
