//! The serial number is a positive INTEGER of at most 20 octets.

use crate::lint::crl_entries::is_padded;
use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_serial_positive",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.2",
    description: "the serial number is positive, at most 20 octets and shortest in encoding",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let serial = facts.serial;
    let positive =
        serial.first().is_some_and(|first| *first < 0x80) && serial.iter().any(|octet| *octet != 0);
    Outcome::require(positive && serial.len() <= 20 && !is_padded(serial), || {
        format!(
            "serial number {} of {} octets",
            text::hex(serial),
            serial.len()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn serial_is_positive_and_at_most_20_octets() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.serial = vec![0x7f; 20];
        fixture.assert_passes(&LINT);
        for bad in [
            vec![],
            vec![0],
            vec![0x80; 16],
            vec![0x7f; 21],
            vec![0, 1, 2],
        ] {
            fixture.serial = bad;
            fixture.assert_fails(&LINT, "serial number");
        }
    }
}
