//! The tie to the twin certificate.

use const_oid::db::rfc5912;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_related_certificate",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 9763 §4.1",
    description: "relatedCertificate is only in end-entity certificates, not critical, and a SHA-2 digest of the right length",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(related) = facts.related_certificate.value() else {
        return Outcome::NotApplicable;
    };
    if facts.expected.role != CertificateRole::EndEntity {
        return Outcome::fail("relatedCertificate in a certificate of no end entity");
    }
    if facts.related_certificate.critical() == Some(true) {
        return Outcome::fail("relatedCertificate is critical");
    }
    let octets = match related.hash_algorithm.oid {
        rfc5912::ID_SHA_256 => 32,
        rfc5912::ID_SHA_384 => 48,
        rfc5912::ID_SHA_512 => 64,
        other => return Outcome::fail(format!("digest algorithm {other}")),
    };
    let length = related.hash_value.as_bytes().len();
    Outcome::require(length == octets, || {
        format!("a digest of {length} octets, not {octets}")
    })
}

#[cfg(test)]
mod tests {
    use const_oid::ObjectIdentifier;
    use const_oid::db::rfc5912;
    use spki::AlgorithmIdentifierOwned;

    use super::LINT;
    use crate::lint::RelatedCertificate;
    use crate::lint::certificate_facts::ID_PE_RELATED_CERT;
    use crate::lint::fixtures::{CertificateFixture, octets};

    #[test]
    fn related_certificate_is_a_digest() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set(ID_PE_RELATED_CERT, &related(rfc5912::ID_SHA_384, 32));
        fixture.assert_fails(&LINT, "32 octets");
        fixture.set(ID_PE_RELATED_CERT, &related(rfc5912::ID_SHA_1, 20));
        fixture.assert_fails(&LINT, "digest algorithm");
        fixture.set_critical(ID_PE_RELATED_CERT, Some(true));
        fixture.assert_fails(&LINT, "is critical");

        let mut fixture = CertificateFixture::issuing();
        fixture.set(ID_PE_RELATED_CERT, &related(rfc5912::ID_SHA_256, 32));
        fixture.assert_fails(&LINT, "no end entity");
    }

    fn related(oid: ObjectIdentifier, length: usize) -> RelatedCertificate {
        RelatedCertificate {
            hash_algorithm: AlgorithmIdentifierOwned {
                oid,
                parameters: None,
            },
            hash_value: octets(&vec![1; length]),
        }
    }
}
