//! Elliptic-curve keys do not encipher.

use const_oid::db::rfc5912::ID_EC_PUBLIC_KEY;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ec_key_usage",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 8813 §3 (updates RFC 5480)",
    description: "a certificate of an elliptic-curve key asserts neither keyEncipherment nor dataEncipherment",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if facts.spki.algorithm.oid != ID_EC_PUBLIC_KEY {
        return Outcome::NotApplicable;
    }
    let Some(usage) = facts.key_usage.value() else {
        return Outcome::NotApplicable;
    };
    Outcome::require(
        !usage.key_encipherment() && !usage.data_encipherment(),
        || "an elliptic-curve key asserts keyEncipherment or dataEncipherment".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_KEY_USAGE;
    use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn elliptic_curve_key_does_not_encipher() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let with = KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment;
        fixture.set(ID_CE_KEY_USAGE, &KeyUsage(with));
        fixture.assert_fails(&LINT, "keyEncipherment");
        let mut fixture = CertificateFixture::terminal_rsa();
        fixture.set(ID_CE_KEY_USAGE, &KeyUsage(with));
        fixture.assert_not_applicable(&LINT);
    }
}
