//! `version` is v3.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_version_v3",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.1",
    description: "a certificate with extensions, as all of ours are, is version 3",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(facts.version == Some(&[2]), || {
        format!(
            "version is {}",
            facts.version.map_or_else(|| "absent".to_owned(), text::hex)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn version_is_v3() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        // The default v1, as the builder makes it of a certificate without extensions.
        fixture.version = None;
        fixture.assert_fails(&LINT, "absent");
        fixture.version = Some(1);
        fixture.assert_fails(&LINT, "01");
    }
}
