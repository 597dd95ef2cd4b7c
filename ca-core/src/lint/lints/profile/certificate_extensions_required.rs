//! Everything that the profile asks for.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_extensions_required",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (table of extensions)",
    description: "every extension that the profile's table requires is there",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let mut required = facts.expected.extensions.iter().filter(|row| row.required);
    let missing = required.find(|row| facts.extension(row.oid).is_none());
    missing.map_or(Outcome::Pass, |row| {
        Outcome::fail(format!("{} is missing", row.oid))
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn required_extensions_are_there() {
        let terminal = CertificateFixture::terminal();
        terminal.assert_passes(&LINT);
        for row in &terminal.expected.extensions {
            let mut fixture = CertificateFixture::terminal();
            fixture.remove(row.oid);
            if row.required {
                fixture.assert_fails(&LINT, &row.oid.to_string());
            } else {
                fixture.assert_passes(&LINT);
            }
        }
    }
}
