//! String types of the subject.

use const_oid::db::{rfc3280, rfc4519};
use der::Tag;
use der::asn1::PrintableStringRef;

use crate::lint::{
    AttributeFacts, CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity,
    Source, text,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_subject_string_types",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 §4.1.2.4, Appendix A.1",
    description: "attributes of the subject have the string types that they may have, and only characters of that type",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    // The name of an existing CA is not ours to choose.
    if facts.expected.role == CertificateRole::Cross {
        return Outcome::NotApplicable;
    }
    for attribute in &facts.subject.attributes {
        let types: &[Tag] = match attribute.oid {
            rfc4519::COUNTRY_NAME | rfc4519::SERIAL_NUMBER | rfc4519::DN_QUALIFIER => {
                &[Tag::PrintableString]
            }
            rfc4519::DOMAIN_COMPONENT | rfc3280::EMAIL_ADDRESS => &[Tag::Ia5String],
            _ => &[Tag::PrintableString, Tag::Utf8String],
        };
        if !types.contains(&attribute.tag) || !has_characters_of_its_type(attribute) {
            return Outcome::fail(format!(
                "{} is a {} of {}",
                attribute.oid,
                attribute.tag,
                text::hex(attribute.value)
            ));
        }
    }
    Outcome::Pass
}

fn has_characters_of_its_type(attribute: &AttributeFacts<'_>) -> bool {
    match attribute.tag {
        Tag::PrintableString => PrintableStringRef::new(attribute.value).is_ok(),
        Tag::Ia5String => attribute.value.is_ascii(),
        _ => {
            std::str::from_utf8(attribute.value).is_ok_and(|text| !text.contains(char::is_control))
        }
    }
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc4519;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, rdn, tlv};

    #[test]
    fn strings_are_printable_or_utf8() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        // TeletexString, BMPString, and a PrintableString with a character that is not printable.
        for (tag, text) in [
            (0x14, &b"abc"[..]),
            (0x1e, b"\0a"),
            (0x13, b"a@b"),
            (0x0c, b"\xff"),
        ] {
            fixture.subject = tlv(0x30, &rdn(rfc4519::COMMON_NAME, tag, text));
            fixture.assert_fails(&LINT, "2.5.4.3");
        }
        fixture.subject = tlv(0x30, &rdn(rfc4519::COUNTRY_NAME, 0x0c, b"JP"));
        fixture.assert_fails(&LINT, "2.5.4.6");
    }
}
