//! The whole is DER, as an independent decoder and encoder see it.

use der::{Decode, Encode};
use x509_cert::TbsCertificate;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_der_canonical",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1, X.690 §11",
    description: "the bytes are DER: reading them and encoding them again gives the same bytes",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if let Some(extension) = facts.extensions.iter().find(|e| e.has_explicit_default) {
        return Outcome::fail(format!("{} writes critical FALSE out", extension.oid));
    }
    match TbsCertificate::from_der(facts.tbs_der).and_then(|tbs| tbs.to_der()) {
        Err(error) => Outcome::fail(format!("cannot be read: {error}")),
        Ok(again) => Outcome::require(again == facts.tbs_der, || {
            format!(
                "{} octets become {} when encoded again",
                facts.tbs_der.len(),
                again.len()
            )
        }),
    }
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn encoding_again_gives_the_same_bytes() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_CE_SUBJECT_KEY_IDENTIFIER, Some(false));
        fixture.assert_fails(&LINT, "critical FALSE");
    }

    #[test]
    fn default_version_is_not_written_out_and_serial_is_shortest() {
        let mut fixture = CertificateFixture::terminal();
        fixture.version = Some(0);
        fixture.assert_fails(&LINT, "encoded again");
        fixture.version = Some(2);
        fixture.serial = vec![0, 0x7f];
        fixture.assert_fails(&LINT, "cannot be read");
    }
}
