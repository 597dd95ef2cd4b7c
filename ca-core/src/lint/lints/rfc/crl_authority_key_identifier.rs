//! The signing key can be found.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_authority_key_identifier",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2.1",
    description: "authorityKeyIdentifier with a keyIdentifier is there and not critical",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    match facts.authority_key_identifier.value() {
        None => Outcome::fail("authorityKeyIdentifier is missing"),
        Some(aki) if aki.key_identifier.is_none() => Outcome::fail("there is no keyIdentifier"),
        Some(_) => Outcome::require(
            facts.authority_key_identifier.critical() == Some(false),
            || "authorityKeyIdentifier is critical".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER;
    use x509_cert::ext::pkix::AuthorityKeyIdentifier;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn authority_key_identifier_is_there() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.set_critical(ID_CE_AUTHORITY_KEY_IDENTIFIER, Some(true));
        fixture.assert_fails(&LINT, "is critical");
        fixture.set(
            ID_CE_AUTHORITY_KEY_IDENTIFIER,
            &AuthorityKeyIdentifier::default(),
        );
        fixture.assert_fails(&LINT, "no keyIdentifier");
        fixture.remove(ID_CE_AUTHORITY_KEY_IDENTIFIER);
        fixture.assert_fails(&LINT, "missing");
    }
}
