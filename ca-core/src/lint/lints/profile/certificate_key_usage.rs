//! The key usage of the profile.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_key_usage",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (key usage by algorithm)",
    description: "keyUsage is critical and exactly what the profile has for this kind of key",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(usage) = facts.key_usage.value() else {
        return Outcome::fail("keyUsage is missing");
    };
    if facts.key_usage.critical() != Some(true) {
        return Outcome::fail("keyUsage is not critical");
    }
    Outcome::require(*usage == facts.expected.key_usage, || {
        format!(
            "{:?}, the profile has {:?}",
            usage.0, facts.expected.key_usage.0
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_KEY_USAGE;
    use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn key_usage_is_the_profiles() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let more = KeyUsages::DigitalSignature | KeyUsages::NonRepudiation;
        fixture.set(ID_CE_KEY_USAGE, &KeyUsage(more));
        fixture.assert_fails(&LINT, "NonRepudiation");
        fixture.set_critical(ID_CE_KEY_USAGE, None);
        fixture.assert_fails(&LINT, "not critical");
        fixture.remove(ID_CE_KEY_USAGE);
        fixture.assert_fails(&LINT, "missing");
    }
}
