//! Nothing that the profile does not know.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_extensions_in_table",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (table of extensions)",
    description: "every extension is in the profile's table",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let other = facts
        .extensions
        .iter()
        .find(|extension| !facts.table_has(extension.oid));
    other.map_or(Outcome::Pass, |extension| {
        Outcome::fail(format!("{} is not in the table", extension.oid))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_PRIVATE_KEY_USAGE_PERIOD;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn no_extension_outside_the_table() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_PRIVATE_KEY_USAGE_PERIOD, vec![0x30, 0]);
        fixture.assert_fails(&LINT, "2.5.29.16");
    }
}
