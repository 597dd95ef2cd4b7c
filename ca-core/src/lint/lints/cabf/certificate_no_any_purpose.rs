//! No certificate for everything.

use const_oid::db::rfc5280::ANY_EXTENDED_KEY_USAGE;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_no_any_purpose",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.2.7.10, §7.1.2.10.6",
    description: "anyExtendedKeyUsage is no purpose of ours",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(purposes) = facts.extended_key_usage.value() else {
        return Outcome::NotApplicable;
    };
    Outcome::require(!purposes.0.contains(&ANY_EXTENDED_KEY_USAGE), || {
        "anyExtendedKeyUsage is there".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ANY_EXTENDED_KEY_USAGE, ID_CE_EXT_KEY_USAGE, ID_KP_CLIENT_AUTH};
    use x509_cert::ext::pkix::ExtendedKeyUsage;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn any_purpose_is_refused() {
        for mut fixture in [
            CertificateFixture::terminal(),
            CertificateFixture::issuing(),
        ] {
            fixture.assert_passes(&LINT);
            let any = ExtendedKeyUsage(vec![ID_KP_CLIENT_AUTH, ANY_EXTENDED_KEY_USAGE]);
            fixture.set(ID_CE_EXT_KEY_USAGE, &any);
            fixture.assert_fails(&LINT, "anyExtendedKeyUsage");
        }
    }
}
