//! The policies of the profile.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_policies",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (policy OID)",
    description: "the policies are exactly the profile's, in order",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let empty = Vec::new();
    let policies = facts
        .certificate_policies
        .value()
        .map_or(&empty, |policies| &policies.0);
    let found = policies.iter().map(|policy| &policy.policy_identifier);
    Outcome::require(found.clone().eq(facts.expected.policy_oids), || {
        format!(
            "policies {}, the profile has {}",
            text::oids(found),
            text::oids(facts.expected.policy_oids)
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_CERTIFICATE_POLICIES;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, policies};

    #[test]
    fn policies_are_the_profiles() {
        let mut fixture = CertificateFixture::cross();
        fixture.assert_passes(&LINT);
        CertificateFixture::root().assert_passes(&LINT);
        let first = fixture.expected.policy_oids[0];
        fixture.set(ID_CE_CERTIFICATE_POLICIES, &policies(&[first]));
        fixture.assert_fails(&LINT, "the profile has");
        fixture.remove(ID_CE_CERTIFICATE_POLICIES);
        fixture.assert_fails(&LINT, "policies none");
    }
}
