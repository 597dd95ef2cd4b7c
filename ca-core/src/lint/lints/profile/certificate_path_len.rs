//! The path length of the profile.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_path_len",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (pathLen)",
    description: "a CA has the profile's path length; outside CAs basicConstraints is absent or says nothing",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let found = facts.basic_constraints.value();
    if !facts.expected.role.is_ca() {
        let silent = found.is_none_or(|c| !c.ca && c.path_len_constraint.is_none());
        return Outcome::require(silent, || "basicConstraints in no CA".to_owned());
    }
    let found = found.and_then(|constraints| constraints.path_len_constraint);
    Outcome::require(found == facts.expected.path_len, || {
        format!(
            "pathLenConstraint {found:?}, the profile has {:?}",
            facts.expected.path_len
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_BASIC_CONSTRAINTS;
    use x509_cert::ext::pkix::BasicConstraints;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn path_len_is_the_profiles() {
        let mut fixture = CertificateFixture::issuing();
        fixture.assert_passes(&LINT);
        for path_len_constraint in [None, Some(1)] {
            let constraints = BasicConstraints {
                ca: true,
                path_len_constraint,
            };
            fixture.set(ID_CE_BASIC_CONSTRAINTS, &constraints);
            fixture.assert_fails(&LINT, "the profile has Some(0)");
        }
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set(
            ID_CE_BASIC_CONSTRAINTS,
            &BasicConstraints {
                ca: true,
                path_len_constraint: None,
            },
        );
        fixture.assert_fails(&LINT, "in no CA");
    }
}
