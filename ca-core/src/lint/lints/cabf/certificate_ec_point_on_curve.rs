//! Full validation of elliptic-curve keys.

use kasane_verify::KeyAlgorithm;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, key, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ec_point_on_curve",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §6.1.6 (NIST SP 800-56A §5.6.2.3)",
    description: "an elliptic-curve key is a point of its curve and not the one at infinity",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let point = facts.spki.subject_public_key.as_bytes().unwrap_or_default();
    let valid = match key::algorithm_of(facts) {
        Some(KeyAlgorithm::P256) => p256::PublicKey::from_sec1_bytes(point).is_ok(),
        Some(KeyAlgorithm::P384) => p384::PublicKey::from_sec1_bytes(point).is_ok(),
        _ => return Outcome::NotApplicable,
    };
    Outcome::require(valid, || {
        format!("no point of the curve: {}", text::hex(point))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5912::{SECP_256_R_1, SECP_384_R_1};

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, ec_spki};

    #[test]
    fn point_is_on_its_curve() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        CertificateFixture::terminal_rsa().assert_not_applicable(&LINT);
        // The last octet of the key is the last of its y coordinate.
        *fixture.spki.last_mut().unwrap() ^= 1;
        fixture.assert_fails(&LINT, "no point");
        fixture.spki = ec_spki(SECP_256_R_1, &[4; 65]);
        fixture.assert_fails(&LINT, "no point");
        fixture.spki = ec_spki(SECP_384_R_1, &[0]);
        fixture.assert_fails(&LINT, "no point");
    }
}
