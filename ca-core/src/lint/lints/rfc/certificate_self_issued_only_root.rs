//! Only a root issues to itself.

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_self_issued_only_root",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §3.2",
    description: "issuer and subject are the same name in a root and in nothing else that we make",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let same = facts.issuer.der == facts.subject.der;
    let is_root = facts.expected.role == CertificateRole::Root;
    Outcome::require(same == is_root, || {
        if is_root {
            "a root with another issuer".to_owned()
        } else {
            "issuer and subject are the same name".to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, name};

    #[test]
    fn only_a_root_issues_to_itself() {
        let mut fixture = CertificateFixture::root();
        fixture.assert_passes(&LINT);
        fixture.issuer = name("Another");
        fixture.assert_fails(&LINT, "another issuer");
        let mut fixture = CertificateFixture::cross();
        fixture.assert_passes(&LINT);
        fixture.subject = fixture.issuer.clone();
        fixture.assert_fails(&LINT, "same name");
    }
}
