//! Subscribers have named policies.

use const_oid::db::rfc5280::ANY_POLICY;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_no_any_policy",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.2.7.9, §7.1.2.8.8",
    description: "anyPolicy is in no certificate of an end entity or OCSP signer",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(policies) = facts.certificate_policies.value() else {
        return Outcome::NotApplicable;
    };
    if facts.expected.role.is_ca() {
        return Outcome::NotApplicable;
    }
    let has_any = policies
        .0
        .iter()
        .any(|policy| policy.policy_identifier == ANY_POLICY);
    Outcome::require(!has_any, || "anyPolicy is there".to_owned())
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ANY_POLICY, ID_CE_CERTIFICATE_POLICIES};

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, policies};

    #[test]
    fn any_policy_is_refused_outside_cas() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set(ID_CE_CERTIFICATE_POLICIES, &policies(&[ANY_POLICY]));
        fixture.assert_fails(&LINT, "anyPolicy");
        let mut fixture = CertificateFixture::issuing();
        fixture.set(ID_CE_CERTIFICATE_POLICIES, &policies(&[ANY_POLICY]));
        fixture.assert_not_applicable(&LINT);
    }
}
