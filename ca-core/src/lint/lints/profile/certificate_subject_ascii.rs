//! Subjects are in ASCII.

use const_oid::db::rfc4519::ORGANIZATION_NAME;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source, text,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_subject_ascii",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: DN)",
    description: "the subject is ASCII but for the operator's own name in O: no facility's or person's name finds its way in",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    // The name of an existing CA is not ours to choose.
    if facts.expected.role == CertificateRole::Cross {
        return Outcome::NotApplicable;
    }
    let mut others = facts
        .subject
        .attributes
        .iter()
        .filter(|a| a.oid != ORGANIZATION_NAME);
    let other = others.find(|attribute| !attribute.value.is_ascii());
    other.map_or(Outcome::Pass, |attribute| {
        Outcome::fail(format!(
            "{} is {}",
            attribute.oid,
            text::hex(attribute.value)
        ))
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc4519::ORGANIZATION_NAME;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, rdn, terminal_name, tlv};

    #[test]
    fn subject_is_ascii() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.subject = terminal_name("重ね医院");
        fixture.assert_fails(&LINT, "2.5.4.3");
        fixture.subject = tlv(0x30, &rdn(ORGANIZATION_NAME, 0x0c, "機構".as_bytes()));
        fixture.assert_passes(&LINT);
    }
}
