//! No extension twice.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_no_duplicate_extensions",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2",
    description: "no extension is there more than once",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    super::no_duplicates(&facts.extensions)
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, FixtureExtension};

    #[test]
    fn no_extension_comes_twice() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let value = fixture.extensions[2].value.clone();
        let oid = fixture.extensions[2].oid;
        fixture.extensions.push(FixtureExtension {
            oid,
            critical: Some(true),
            value,
        });
        fixture.assert_fails(&LINT, "2.5.29.15");
    }
}
