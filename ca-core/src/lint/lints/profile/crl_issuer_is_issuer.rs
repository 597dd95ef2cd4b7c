//! The list belongs to its issuer by name.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_issuer_is_issuer",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "RFC 5280 §5.1.2.3, §6.3.3",
    description: "the issuer is the CA certificate's subject, byte for byte",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    Outcome::require(facts.issuer.der == facts.expected.issuer_name_der, || {
        format!(
            "issuer {}, the CA certificate says {}",
            text::hex(facts.issuer.der),
            text::hex(facts.expected.issuer_name_der)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;
    use crate::lint::fixtures::name;

    #[test]
    fn issuer_is_the_ca_byte_for_byte() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        fixture.issuer = name("Kasane Root ECC");
        fixture.assert_fails(&LINT, "the CA certificate says");
    }
}
