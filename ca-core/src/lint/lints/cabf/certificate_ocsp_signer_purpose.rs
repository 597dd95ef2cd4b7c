//! OCSP signers do nothing else.

use const_oid::db::rfc5280::ID_KP_OCSP_SIGNING;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source, text,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ocsp_signer_purpose",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §7.1.2.8.5, RFC 6960 §4.2.2.2",
    description: "an OCSP signer has the purpose OCSPSigning alone, and nobody else has it",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let purposes = facts
        .extended_key_usage
        .value()
        .map_or(&[][..], |purposes| &purposes.0);
    if facts.expected.role == CertificateRole::OcspSigner {
        return Outcome::require(purposes == [ID_KP_OCSP_SIGNING], || {
            format!("an OCSP signer has the purposes: {}", text::oids(purposes))
        });
    }
    if facts.expected.role.is_ca() {
        return Outcome::NotApplicable;
    }
    Outcome::require(!purposes.contains(&ID_KP_OCSP_SIGNING), || {
        "OCSPSigning outside an OCSP signer".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_EXT_KEY_USAGE, ID_KP_CLIENT_AUTH, ID_KP_OCSP_SIGNING};
    use x509_cert::ext::pkix::ExtendedKeyUsage;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn ocsp_signing_stands_alone() {
        let mut fixture = CertificateFixture::ocsp_signer();
        fixture.assert_passes(&LINT);
        let both = ExtendedKeyUsage(vec![ID_KP_OCSP_SIGNING, ID_KP_CLIENT_AUTH]);
        fixture.set(ID_CE_EXT_KEY_USAGE, &both);
        fixture.assert_fails(&LINT, "1.3.6.1.5.5.7.3.2");
        fixture.remove(ID_CE_EXT_KEY_USAGE);
        fixture.assert_fails(&LINT, "none");

        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set(ID_CE_EXT_KEY_USAGE, &both);
        fixture.assert_fails(&LINT, "outside");
    }
}
