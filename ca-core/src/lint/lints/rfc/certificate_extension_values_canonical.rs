//! Known extensions are DER inside.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_extension_values_canonical",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "X.690 §10, §11",
    description: "the value of every extension that we know is DER: encoding it again gives the same bytes",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(facts.non_canonical_extensions.is_empty(), || {
        format!("not DER: {}", text::oids(&facts.non_canonical_extensions))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_BASIC_CONSTRAINTS, ID_CE_KEY_USAGE};

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn basic_constraints_do_not_write_the_default_out() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_BASIC_CONSTRAINTS, vec![0x30, 0]);
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_BASIC_CONSTRAINTS, vec![0x30, 3, 1, 1, 0]);
        fixture.assert_fails(&LINT, "2.5.29.19");
    }

    #[test]
    fn key_usage_has_no_trailing_zero_bits() {
        let mut fixture = CertificateFixture::terminal();
        fixture.set_raw(ID_CE_KEY_USAGE, vec![0x03, 2, 7, 0x80]);
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_KEY_USAGE, vec![0x03, 2, 0, 0x80]);
        fixture.assert_fails(&LINT, "2.5.29.15");
    }
}
