//! The order of the subject.

use const_oid::db::rfc4519;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source, text,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_subject_order",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: DN)",
    description: "the subject is C, O, any OU, CN in this order, one attribute in each relative distinguished name",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    // The name of an existing CA is not ours to choose.
    if facts.expected.role == CertificateRole::Cross {
        return Outcome::NotApplicable;
    }
    let attributes: Vec<_> = facts.subject.attributes.iter().map(|a| a.oid).collect();
    let ordered = match attributes.as_slice() {
        [
            rfc4519::COUNTRY_NAME,
            rfc4519::ORGANIZATION_NAME,
            units @ ..,
            rfc4519::COMMON_NAME,
        ] => units
            .iter()
            .all(|oid| *oid == rfc4519::ORGANIZATIONAL_UNIT_NAME),
        _ => false,
    };
    Outcome::require(
        ordered && attributes.len() == facts.subject.rdn_count,
        || {
            format!(
                "the subject is {} in {} relative distinguished names",
                text::oids(&attributes),
                facts.subject.rdn_count
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc4519;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, rdn, tlv};

    #[test]
    fn subject_is_country_organization_unit_common_name() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        CertificateFixture::issuing().assert_passes(&LINT);
        let c = rdn(rfc4519::COUNTRY_NAME, 0x13, b"JP");
        let o = rdn(rfc4519::ORGANIZATION_NAME, 0x0c, b"Kasane");
        let cn = rdn(rfc4519::COMMON_NAME, 0x0c, b"1312345678-1");
        let sn = rdn(rfc4519::SN, 0x0c, b"Sato");
        for bad in [
            vec![&cn, &o, &c],
            vec![&c, &cn],
            vec![&c, &o, &sn, &cn],
            vec![&c, &o, &cn, &cn],
        ] {
            let rdns: Vec<u8> = bad.into_iter().flatten().copied().collect();
            fixture.subject = tlv(0x30, &rdns);
            fixture.assert_fails(&LINT, "the subject is");
        }
        // O and CN as one set.
        let both = tlv(0x31, &[&o[2..], &cn[2..]].concat());
        fixture.subject = tlv(0x30, &[c, both].concat());
        fixture.assert_fails(&LINT, "in 2 relative");
    }
}
