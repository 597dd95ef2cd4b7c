//! OCSP signers point nowhere.

use const_oid::db::rfc5280;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source, text,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ocsp_signer_pointers",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.2.8.2, §7.1.2.8.3",
    description: "an OCSP signer has neither CRL distribution points, nor authorityInfoAccess, nor alternative names",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if facts.expected.role != CertificateRole::OcspSigner {
        return Outcome::NotApplicable;
    }
    let refused = [
        rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS,
        rfc5280::ID_CE_FRESHEST_CRL,
        rfc5280::ID_PE_AUTHORITY_INFO_ACCESS,
        rfc5280::ID_CE_SUBJECT_ALT_NAME,
        rfc5280::ID_CE_NAME_CONSTRAINTS,
    ];
    let found: Vec<_> = refused
        .iter()
        .filter(|oid| facts.extension(**oid).is_some())
        .collect();
    Outcome::require(found.is_empty(), || format!("there: {}", text::oids(found)))
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_CRL_DISTRIBUTION_POINTS, ID_PE_AUTHORITY_INFO_ACCESS};

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn ocsp_signer_has_no_pointers() {
        let mut fixture = CertificateFixture::ocsp_signer();
        fixture.assert_passes(&LINT);
        let terminal = CertificateFixture::terminal();
        terminal.assert_not_applicable(&LINT);
        for oid in [ID_CE_CRL_DISTRIBUTION_POINTS, ID_PE_AUTHORITY_INFO_ACCESS] {
            let extension = terminal.extensions.iter().find(|e| e.oid == oid).unwrap();
            fixture.set_raw(oid, extension.value.clone());
            fixture.assert_fails(&LINT, &oid.to_string());
            fixture.remove(oid);
        }
    }
}
