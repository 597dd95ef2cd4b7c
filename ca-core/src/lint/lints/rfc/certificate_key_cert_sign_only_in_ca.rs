//! Nobody but a CA signs certificates.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_key_cert_sign_only_in_ca",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.3, §4.2.1.9",
    description: "keyCertSign is asserted only together with cA TRUE",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(usage) = facts.key_usage.value() else {
        return Outcome::NotApplicable;
    };
    let is_ca = facts.asserts_ca() && facts.expected.role.is_ca();
    Outcome::require(
        is_ca || !(usage.key_cert_sign() || facts.asserts_ca()),
        || "keyCertSign or cA TRUE in a certificate of no CA".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_BASIC_CONSTRAINTS, ID_CE_KEY_USAGE};
    use x509_cert::ext::pkix::{BasicConstraints, KeyUsages};

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, usage};

    #[test]
    fn end_entity_does_not_sign_certificates() {
        CertificateFixture::issuing().assert_passes(&LINT);
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set(
            ID_CE_BASIC_CONSTRAINTS,
            &BasicConstraints {
                ca: true,
                path_len_constraint: None,
            },
        );
        fixture.assert_fails(&LINT, "no CA");
        fixture.remove(ID_CE_BASIC_CONSTRAINTS);
        fixture.set(ID_CE_KEY_USAGE, &usage(KeyUsages::KeyCertSign));
        fixture.assert_fails(&LINT, "no CA");
    }
}
