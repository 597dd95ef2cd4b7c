//! Somebody is certified.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_subject_not_empty",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.6",
    description: "a subject is not empty; outside CAs a critical subjectAltName may stand for it",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if facts.subject.rdn_count > 0 {
        return Outcome::Pass;
    }
    if facts.expected.role.is_ca() || facts.asserts_ca() {
        return Outcome::fail("a CA has an empty subject");
    }
    Outcome::require(facts.subject_alt_name.critical() == Some(true), || {
        "the subject is empty and no critical subjectAltName stands for it".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn subject_is_not_empty_or_the_alternative_name_is_critical() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.subject = vec![0x30, 0];
        fixture.assert_fails(&LINT, "no critical");
        fixture.set_critical(ID_CE_SUBJECT_ALT_NAME, Some(true));
        fixture.assert_passes(&LINT);
    }

    #[test]
    fn ca_subject_is_never_empty() {
        let mut fixture = CertificateFixture::issuing();
        fixture.assert_passes(&LINT);
        fixture.subject = vec![0x30, 0];
        fixture.assert_fails(&LINT, "a CA");
    }
}
