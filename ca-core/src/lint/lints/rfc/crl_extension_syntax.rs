//! Known extensions can be read.

use crate::lint::{CrlFacts, CrlLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CrlLint = Lint {
    name: "e_crl_extension_syntax",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §5.2",
    description: "the value of every extension that we know has the syntax of that extension",
    check,
};

fn check(facts: &CrlFacts<'_>) -> Outcome {
    Outcome::require(facts.malformed_extensions.is_empty(), || {
        format!(
            "cannot be read: {}",
            text::oids(&facts.malformed_extensions)
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::{ID_CE_CRL_NUMBER, ID_CE_ISSUING_DISTRIBUTION_POINT};

    use super::LINT;
    use crate::lint::crl_fixture::CrlFixture;

    #[test]
    fn known_extensions_of_the_list_can_be_read() {
        let mut fixture = CrlFixture::shard();
        fixture.assert_passes(&LINT);
        for oid in [ID_CE_CRL_NUMBER, ID_CE_ISSUING_DISTRIBUTION_POINT] {
            let mut fixture = CrlFixture::shard();
            fixture.set_raw(oid, vec![0x04, 0]);
            fixture.assert_fails(&LINT, &oid.to_string());
        }
        fixture.set_raw(ID_CE_CRL_NUMBER, vec![0x02, 1, 5, 0]);
        fixture.assert_fails(&LINT, "2.5.29.20");
    }
}
