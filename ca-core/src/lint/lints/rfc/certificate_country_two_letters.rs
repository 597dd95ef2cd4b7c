//! The country is a code.

use const_oid::db::rfc4519;
use der::Tag;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source, text,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_country_two_letters",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 Appendix A.1 (X.520, ISO 3166-1)",
    description: "countryName is a PrintableString of two capital letters",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let mut countries = facts
        .subject
        .attributes
        .iter()
        .filter(|a| a.oid == rfc4519::COUNTRY_NAME)
        .peekable();
    if facts.expected.role == CertificateRole::Cross || countries.peek().is_none() {
        return Outcome::NotApplicable;
    }
    for country in countries {
        if country.tag != Tag::PrintableString
            || country.value.len() != 2
            || !country.value.iter().all(u8::is_ascii_uppercase)
        {
            return Outcome::fail(format!("a {} of {}", country.tag, text::hex(country.value)));
        }
    }
    Outcome::Pass
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc4519;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, rdn, tlv};

    #[test]
    fn country_is_two_capital_letters() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        for (tag, text) in [
            (0x0c, &b"JP"[..]),
            (0x13, b"jp"),
            (0x13, b"JPN"),
            (0x13, b""),
        ] {
            fixture.subject = tlv(0x30, &rdn(rfc4519::COUNTRY_NAME, tag, text));
            fixture.assert_fails(&LINT, "String");
        }
    }
}
