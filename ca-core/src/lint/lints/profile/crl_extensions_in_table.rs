//! Nothing that the profile does not know.

use const_oid::db::rfc5280;

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_extensions_in_table",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane status profile (extensions)",
    description: "a list has no extension but authority key identifier, number, distribution point, delta indicator and freshest CRL",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    let table = [
        rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER,
        rfc5280::ID_CE_CRL_NUMBER,
        rfc5280::ID_CE_ISSUING_DISTRIBUTION_POINT,
        rfc5280::ID_CE_DELTA_CRL_INDICATOR,
        rfc5280::ID_CE_FRESHEST_CRL,
    ];
    let other = facts
        .extensions
        .iter()
        .find(|extension| !table.contains(&extension.oid));
    other.map_or(Outcome::Pass, |extension| {
        Outcome::fail(format!("{} is not in the table", extension.oid))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_ISSUER_ALT_NAME;

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn no_extension_outside_the_table() {
        let mut fixture = CrlFixture::delta();
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_ISSUER_ALT_NAME, vec![0x30, 0]);
        fixture.assert_fails(&LINT, "2.5.29.18");
    }
}
