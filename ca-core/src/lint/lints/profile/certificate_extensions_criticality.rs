//! Criticality as in the table.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_extensions_criticality",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (table of extensions)",
    description: "every extension has the criticality of the profile's table",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let table = facts.expected.extensions;
    for extension in &facts.extensions {
        let row = table.iter().find(|row| row.oid == extension.oid);
        if row.is_some_and(|row| row.critical != extension.critical) {
            return Outcome::fail(format!(
                "{} has critical {}",
                extension.oid, extension.critical
            ));
        }
    }
    Outcome::Pass
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn criticality_is_as_in_the_table() {
        let issuing = CertificateFixture::issuing();
        issuing.assert_passes(&LINT);
        for row in &issuing.expected.extensions {
            let mut fixture = CertificateFixture::issuing();
            fixture.set_critical(row.oid, (!row.critical).then_some(true));
            fixture.assert_fails(&LINT, &row.oid.to_string());
        }
    }
}
