//! The serial number that was reserved.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_serial_form",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: serial)",
    description: "the serial number is the reserved one: 16 octets, the first 0x01 to 0x7F",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let form = facts.serial.len() == 16 && matches!(facts.serial.first(), Some(1..=0x7f));
    if !form {
        return Outcome::fail(format!("serial number {}", text::hex(facts.serial)));
    }
    Outcome::require(facts.serial == facts.expected.serial, || {
        format!(
            "serial number {}, reserved was {}",
            text::hex(facts.serial),
            text::hex(facts.expected.serial)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn serial_is_16_octets_as_reserved() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.serial[15] ^= 1;
        fixture.assert_fails(&LINT, "reserved was");
        fixture.expected.serial = fixture.serial.clone();
        fixture.assert_passes(&LINT);
        for bad in [vec![0x7f; 15], vec![0x7f; 17], vec![0x80; 16], vec![0; 16]] {
            fixture.serial = bad.clone();
            fixture.expected.serial = bad;
            fixture.assert_fails(&LINT, "serial number");
        }
    }
}
