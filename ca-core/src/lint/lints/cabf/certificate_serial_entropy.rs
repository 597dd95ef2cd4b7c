//! Serial numbers are random.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_serial_entropy",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.2.7 (serialNumber)",
    description: "the serial number holds at least 64 random bits: a number of fewer octets, or of few different ones, is none",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    // 16 random octets have fewer than 6 different values once in about 10^17 certificates; a
    // counter, a clock or a dead random source has them every time.
    let mut seen = [false; 256];
    for octet in facts.serial {
        if let Some(slot) = seen.get_mut(usize::from(*octet)) {
            *slot = true;
        }
    }
    let different = seen.into_iter().filter(|seen| *seen).count();
    Outcome::require(facts.serial.len() >= 8 && different >= 6, || {
        format!(
            "serial number {} does not look random",
            text::hex(facts.serial)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn serial_looks_random() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.serial = vec![0x5a; 16];
        fixture.assert_fails(&LINT, "random");
        fixture.serial = vec![1, 2, 3, 4, 5, 6, 7];
        fixture.assert_fails(&LINT, "random");
        fixture.serial = vec![1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
        fixture.assert_fails(&LINT, "random");
    }
}
