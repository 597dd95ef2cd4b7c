//! The issuer's key can be found.

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_authority_key_identifier",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.2.1.1",
    description: "authorityKeyIdentifier with a keyIdentifier is there and not critical; only a root may go without",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.authority_key_identifier.is_present() {
        return if facts.expected.role == CertificateRole::Root {
            Outcome::NotApplicable
        } else {
            Outcome::fail("authorityKeyIdentifier is missing")
        };
    }
    if facts.authority_key_identifier.critical() == Some(true) {
        return Outcome::fail("authorityKeyIdentifier is critical");
    }
    let key = facts
        .authority_key_identifier
        .value()
        .and_then(|aki| aki.key_identifier.as_ref());
    Outcome::require(key.is_some_and(|key| !key.as_bytes().is_empty()), || {
        "authorityKeyIdentifier has no keyIdentifier".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER;
    use x509_cert::ext::pkix::AuthorityKeyIdentifier;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn authority_key_identifier_has_a_key_identifier() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set(
            ID_CE_AUTHORITY_KEY_IDENTIFIER,
            &AuthorityKeyIdentifier::default(),
        );
        fixture.assert_fails(&LINT, "no keyIdentifier");
        fixture.set_critical(ID_CE_AUTHORITY_KEY_IDENTIFIER, Some(true));
        fixture.assert_fails(&LINT, "is critical");
        fixture.remove(ID_CE_AUTHORITY_KEY_IDENTIFIER);
        fixture.assert_fails(&LINT, "missing");
        CertificateFixture::root().assert_not_applicable(&LINT);
    }
}
