//! Policies are a set.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_policies_unique",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.4",
    description: "certificatePolicies has a policy, and none more than once",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(policies) = facts.certificate_policies.value() else {
        return Outcome::NotApplicable;
    };
    let oids: Vec<_> = policies
        .0
        .iter()
        .map(|policy| policy.policy_identifier)
        .collect();
    Outcome::require(super::are_unique(&oids), || {
        format!("policies: {}", text::oids(&oids))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_CERTIFICATE_POLICIES;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, policies};

    #[test]
    fn no_policy_comes_twice() {
        let mut fixture = CertificateFixture::cross();
        fixture.assert_passes(&LINT);
        let oid = fixture.expected.policy_oids[0];
        fixture.set(ID_CE_CERTIFICATE_POLICIES, &policies(&[oid, oid]));
        fixture.assert_fails(&LINT, &oid.to_string());
        fixture.set(ID_CE_CERTIFICATE_POLICIES, &policies(&[]));
        fixture.assert_fails(&LINT, "none");
    }
}
