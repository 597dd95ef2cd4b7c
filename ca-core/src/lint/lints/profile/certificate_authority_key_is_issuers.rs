//! The chain holds by key identifier.

use der::asn1::OctetString;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_authority_key_is_issuers",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: AKI)",
    description: "the authority key identifier is copied from the issuer's subject key identifier and has nothing else",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(aki) = facts.authority_key_identifier.value() else {
        return Outcome::NotApplicable;
    };
    if aki.authority_cert_issuer.is_some() || aki.authority_cert_serial_number.is_some() {
        return Outcome::fail("names an issuer or a serial number");
    }
    let found = aki.key_identifier.as_ref().map(OctetString::as_bytes);
    Outcome::require(
        found.is_some() && found == facts.expected.issuer_ski,
        || {
            format!(
                "key {}, the issuer's is {}",
                text::hex(found.unwrap_or_default()),
                text::hex(facts.expected.issuer_ski.unwrap_or_default())
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER;
    use x509_cert::ext::pkix::AuthorityKeyIdentifier;
    use x509_cert::serial_number::SerialNumber;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, octets};

    #[test]
    fn authority_key_identifier_is_the_issuers_ski() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        let key_identifier = Some(octets(&[0xa2; 20]));
        let mut aki = AuthorityKeyIdentifier {
            key_identifier,
            ..Default::default()
        };
        fixture.set(ID_CE_AUTHORITY_KEY_IDENTIFIER, &aki);
        fixture.assert_fails(&LINT, "a2a2");
        aki.authority_cert_serial_number = Some(SerialNumber::from(7_u8));
        fixture.set(ID_CE_AUTHORITY_KEY_IDENTIFIER, &aki);
        fixture.assert_fails(&LINT, "serial number");
        CertificateFixture::root().assert_not_applicable(&LINT);
    }
}
