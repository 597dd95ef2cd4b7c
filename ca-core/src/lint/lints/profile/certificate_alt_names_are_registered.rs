//! The names that relying systems match.

use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_alt_names_are_registered",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: SAN)",
    description: "the alternative names are exactly those built from the registration, in order",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if !facts.table_has(ID_CE_SUBJECT_ALT_NAME) {
        return Outcome::NotApplicable;
    }
    let names = facts
        .subject_alt_name
        .value()
        .map_or(&[][..], |names| &names.0);
    Outcome::require(names == facts.expected.subject_alt_names, || {
        format!(
            "{} names that differ from the {} registered",
            names.len(),
            facts.expected.subject_alt_names.len()
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
    use x509_cert::ext::pkix::SubjectAltName;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn alternative_names_are_as_registered() {
        let mut fixture = CertificateFixture::server();
        fixture.assert_passes(&LINT);
        CertificateFixture::root().assert_not_applicable(&LINT);
        let mut names = fixture.expected.subject_alt_names.clone();
        names.swap(0, 1);
        fixture.set(ID_CE_SUBJECT_ALT_NAME, &SubjectAltName(names.clone()));
        fixture.assert_fails(&LINT, "2 names");
        names.truncate(1);
        fixture.set(ID_CE_SUBJECT_ALT_NAME, &SubjectAltName(names));
        fixture.assert_fails(&LINT, "1 names");
        fixture.remove(ID_CE_SUBJECT_ALT_NAME);
        fixture.assert_fails(&LINT, "0 names");
    }
}
