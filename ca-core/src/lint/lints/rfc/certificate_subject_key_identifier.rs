//! The subject's key can be found.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_subject_key_identifier",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.2",
    description: "subjectKeyIdentifier is there in CA certificates, and never critical",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.subject_key_identifier.is_present() {
        return if facts.expected.role.is_ca() {
            Outcome::fail("subjectKeyIdentifier is missing in a CA certificate")
        } else {
            Outcome::NotApplicable
        };
    }
    Outcome::require(
        facts.subject_key_identifier.critical() != Some(true),
        || "subjectKeyIdentifier is critical".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn ca_has_a_subject_key_identifier() {
        let mut fixture = CertificateFixture::issuing();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_CE_SUBJECT_KEY_IDENTIFIER, Some(true));
        fixture.assert_fails(&LINT, "is critical");
        fixture.remove(ID_CE_SUBJECT_KEY_IDENTIFIER);
        fixture.assert_fails(&LINT, "missing");
    }
}
