//! Policies without qualifiers.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "w_certificate_policy_qualifiers_absent",
    source: Source::Rfc,
    severity: Severity::Warning,
    citation: "RFC 5280 §4.2.1.4",
    description: "policy information consists of an object identifier alone, as the RFC recommends",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(policies) = facts.certificate_policies.value() else {
        return Outcome::NotApplicable;
    };
    let qualified = policies
        .0
        .iter()
        .find(|policy| policy.policy_qualifiers.is_some());
    qualified.map_or(Outcome::Pass, |policy| {
        Outcome::fail(format!(
            "policy {} has qualifiers",
            policy.policy_identifier
        ))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_CERTIFICATE_POLICIES, ID_QT_CPS};
    use x509_cert::ext::pkix::certpolicy::PolicyQualifierInfo;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, policies};

    #[test]
    fn policies_have_no_qualifiers() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let mut policies = policies(&fixture.expected.policy_oids);
        policies.0[0].policy_qualifiers = Some(vec![PolicyQualifierInfo {
            policy_qualifier_id: ID_QT_CPS,
            qualifier: None,
        }]);
        fixture.set(ID_CE_CERTIFICATE_POLICIES, &policies);
        fixture.assert_fails(&LINT, "qualifiers");
    }
}
