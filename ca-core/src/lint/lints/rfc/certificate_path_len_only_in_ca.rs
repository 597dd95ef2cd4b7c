//! A path length is for CAs.

use x509_cert::ext::pkix::KeyUsage;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_path_len_only_in_ca",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.9",
    description: "pathLenConstraint is there only with cA TRUE and keyCertSign",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(constraints) = facts.basic_constraints.value() else {
        return Outcome::NotApplicable;
    };
    let signs = facts.key_usage.value().is_some_and(KeyUsage::key_cert_sign);
    let allowed = constraints.path_len_constraint.is_none() || (constraints.ca && signs);
    Outcome::require(allowed, || {
        "pathLenConstraint without cA and keyCertSign".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_BASIC_CONSTRAINTS, ID_CE_KEY_USAGE};
    use x509_cert::ext::pkix::{BasicConstraints, KeyUsages};

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, usage};

    #[test]
    fn path_len_needs_ca_and_key_cert_sign() {
        let mut fixture = CertificateFixture::issuing();
        fixture.assert_passes(&LINT);
        fixture.set(ID_CE_KEY_USAGE, &usage(KeyUsages::CRLSign));
        fixture.assert_fails(&LINT, "keyCertSign");
        let mut fixture = CertificateFixture::terminal();
        let constraints = BasicConstraints {
            ca: false,
            path_len_constraint: Some(0),
        };
        fixture.set(ID_CE_BASIC_CONSTRAINTS, &constraints);
        fixture.assert_fails(&LINT, "without cA");
    }
}
