//! An OCSP signer is not asked about itself.

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ocsp_nocheck",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 6960 §4.2.2.2.1",
    description: "id-pkix-ocsp-nocheck is in every OCSP signer, not critical, and in nothing else",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let is_signer = facts.expected.role == CertificateRole::OcspSigner;
    if !is_signer {
        return if facts.ocsp_nocheck.is_present() {
            Outcome::fail("ocsp-nocheck outside an OCSP signer")
        } else {
            Outcome::NotApplicable
        };
    }
    match facts.ocsp_nocheck.critical() {
        None => Outcome::fail("ocsp-nocheck is missing"),
        Some(true) => Outcome::fail("ocsp-nocheck is critical"),
        Some(false) => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn ocsp_signer_has_nocheck() {
        let mut fixture = CertificateFixture::ocsp_signer();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_PKIX_OCSP_NOCHECK, Some(true));
        fixture.assert_fails(&LINT, "is critical");
        fixture.remove(ID_PKIX_OCSP_NOCHECK);
        fixture.assert_fails(&LINT, "missing");

        let mut fixture = CertificateFixture::terminal();
        fixture.assert_not_applicable(&LINT);
        fixture.set_raw(ID_PKIX_OCSP_NOCHECK, vec![5, 0]);
        fixture.assert_fails(&LINT, "outside");
    }
}
