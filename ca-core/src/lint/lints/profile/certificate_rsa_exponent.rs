//! The one RSA exponent.

use crate::lint::key::RsaKey;
use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_rsa_exponent",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: RSA e), CA/B BR §6.1.6",
    description: "the public exponent of an RSA key is 65537",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(key) = RsaKey::of(facts) else {
        return Outcome::NotApplicable;
    };
    Outcome::require(key.exponent == [1, 0, 1], || {
        format!("the exponent is 0x{}", text::hex(key.exponent))
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, rsa_modulus, rsa_spki};

    #[test]
    fn exponent_is_65537() {
        let mut fixture = CertificateFixture::terminal_rsa();
        fixture.assert_passes(&LINT);
        for exponent in [&[3][..], &[1, 0, 0], &[1, 0, 0, 0, 1]] {
            fixture.spki = rsa_spki(&rsa_modulus(), exponent);
            fixture.assert_fails(&LINT, "exponent");
        }
        CertificateFixture::terminal().assert_not_applicable(&LINT);
    }
}
