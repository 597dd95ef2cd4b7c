//! The identity comes from the registration.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_subject_is_registered",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: DN)",
    description: "the subject is the one built from the registration, byte for byte",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(facts.subject.der == facts.expected.subject_der, || {
        format!(
            "subject {}, registered is {}",
            text::hex(facts.subject.der),
            text::hex(facts.expected.subject_der)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, terminal_name};

    #[test]
    fn subject_is_as_registered() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.subject = terminal_name("1312345678-2");
        fixture.assert_fails(&LINT, "registered is");
    }
}
