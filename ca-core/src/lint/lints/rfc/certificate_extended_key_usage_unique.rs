//! Purposes are a set.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_extended_key_usage_unique",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.12",
    description: "extendedKeyUsage has a purpose, and none more than once",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(purposes) = facts.extended_key_usage.value() else {
        return Outcome::NotApplicable;
    };
    Outcome::require(super::are_unique(&purposes.0), || {
        format!("purposes: {}", text::oids(&purposes.0))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_EXT_KEY_USAGE, ID_KP_CLIENT_AUTH};
    use x509_cert::ext::pkix::ExtendedKeyUsage;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn no_purpose_comes_twice() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let twice = vec![ID_KP_CLIENT_AUTH, ID_KP_CLIENT_AUTH];
        fixture.set(ID_CE_EXT_KEY_USAGE, &ExtendedKeyUsage(twice));
        fixture.assert_fails(&LINT, "1.3.6.1.5.5.7.3.2");
        fixture.set(ID_CE_EXT_KEY_USAGE, &ExtendedKeyUsage(Vec::new()));
        fixture.assert_fails(&LINT, "none");
    }
}
