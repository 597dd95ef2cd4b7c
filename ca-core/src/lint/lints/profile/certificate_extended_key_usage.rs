//! The purposes of the profile.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_extended_key_usage",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (extended key usage)",
    description: "the purposes are exactly the profile's",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let purposes = facts
        .extended_key_usage
        .value()
        .map_or(&[][..], |purposes| &purposes.0);
    Outcome::require(purposes == facts.expected.extended_key_usage, || {
        format!(
            "purposes {}, the profile has {}",
            text::oids(purposes),
            text::oids(facts.expected.extended_key_usage)
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_EXT_KEY_USAGE, ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
    use x509_cert::ext::pkix::ExtendedKeyUsage;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn purposes_are_the_profiles() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        CertificateFixture::root().assert_passes(&LINT);
        let more = ExtendedKeyUsage(vec![ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH]);
        fixture.set(ID_CE_EXT_KEY_USAGE, &more);
        fixture.assert_fails(&LINT, "1.3.6.1.5.5.7.3.1");
        fixture.remove(ID_CE_EXT_KEY_USAGE);
        fixture.assert_fails(&LINT, "purposes none");
    }
}
