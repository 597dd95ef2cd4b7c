//! Known extensions can be read.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_extension_syntax",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2, RFC 6960 §4.2.2.2.1, RFC 9763 §4.1",
    description: "the value of every extension that we know has the syntax of that extension",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(facts.malformed_extensions.is_empty(), || {
        format!(
            "cannot be read: {}",
            text::oids(&facts.malformed_extensions)
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_KEY_USAGE;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn known_extensions_can_be_read() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_KEY_USAGE, vec![0x30, 0]);
        fixture.assert_fails(&LINT, "2.5.29.15");
        // Octets after the value.
        fixture.set_raw(ID_CE_KEY_USAGE, vec![0x03, 2, 7, 0x80, 0]);
        fixture.assert_fails(&LINT, "2.5.29.15");
    }
}
