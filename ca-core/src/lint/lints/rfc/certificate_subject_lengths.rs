//! Upper bounds of the attributes.

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc3280, rfc4519};

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_subject_lengths",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5280 Appendix A.1 (X.520 upper bounds)",
    description: "attributes of the subject are not empty and within their upper bounds",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    // The name of an existing CA is not ours to choose.
    if facts.expected.role == CertificateRole::Cross {
        return Outcome::NotApplicable;
    }
    for attribute in &facts.subject.attributes {
        let characters = String::from_utf8_lossy(attribute.value).chars().count();
        let bound = upper_bound(attribute.oid);
        if characters == 0 || characters > bound {
            return Outcome::fail(format!(
                "{} has {characters} characters of 1 to {bound}",
                attribute.oid
            ));
        }
    }
    Outcome::Pass
}

/// In characters: ub-common-name and its like.
fn upper_bound(oid: ObjectIdentifier) -> usize {
    match oid {
        rfc4519::COUNTRY_NAME => 2,
        rfc4519::LOCALITY_NAME | rfc4519::ST => 128,
        rfc3280::EMAIL_ADDRESS => 255,
        // commonName, organizationName, organizationalUnitName, serialNumber, title and the rest.
        _ => 64,
    }
}

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, terminal_name};

    #[test]
    fn attributes_keep_their_upper_bounds() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.subject = terminal_name(&"a".repeat(64));
        fixture.assert_passes(&LINT);
        fixture.subject = terminal_name(&"a".repeat(65));
        fixture.assert_fails(&LINT, "65 characters");
        // Characters are counted, not octets.
        fixture.subject = terminal_name(&"医".repeat(64));
        fixture.assert_passes(&LINT);
        fixture.subject = terminal_name("");
        fixture.assert_fails(&LINT, "0 characters");
    }
}
