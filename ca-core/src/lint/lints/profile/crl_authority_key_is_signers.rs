//! The list belongs to its issuer by key.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_authority_key_is_signers",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2.1, Kasane status profile (AKI)",
    description: "the authority key identifier is the signing CA's own subject key identifier, not its issuer's, and has nothing else",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let Some(aki) = facts.authority_key_identifier.value() else {
        return Outcome::NotApplicable;
    };
    if aki.authority_cert_issuer.is_some() || aki.authority_cert_serial_number.is_some() {
        return Outcome::fail("names an issuer or a serial number");
    }
    let found = aki
        .key_identifier
        .as_ref()
        .map_or(&[][..], |key| key.as_bytes());
    Outcome::require(found == facts.expected.issuer_ski, || {
        format!(
            "key {}, signed with {}",
            text::hex(found),
            text::hex(facts.expected.issuer_ski)
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER;
    use x509_cert::ext::pkix::AuthorityKeyIdentifier;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::octets;

    #[test]
    fn intermediate_crl_aki_is_issuer_ski() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        // The identifier of the root that certified the signing CA.
        let key_identifier = Some(octets(&[0xb7; 20]));
        let parents = AuthorityKeyIdentifier {
            key_identifier,
            ..Default::default()
        };
        fixture.set(ID_CE_AUTHORITY_KEY_IDENTIFIER, &parents);
        fixture.assert_fails(&LINT, "b7b7");
    }
}
