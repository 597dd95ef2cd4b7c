//! The identifier of the subject's key.

use sha2::{Digest, Sha256};

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_subject_key_is_hash",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: SKI), RFC 7093 §2 (method 1)",
    description: "the subject key identifier is the first 160 bits of the key's SHA-256, or the one that an existing CA key has already",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(ski) = facts.subject_key_identifier.value() else {
        return Outcome::NotApplicable;
    };
    let found = ski.0.as_bytes();
    if let Some(existing) = facts.expected.subject_ski {
        return Outcome::require(found == existing, || {
            format!("{}, the key's is {}", text::hex(found), text::hex(existing))
        });
    }
    let digest = Sha256::digest(facts.spki.subject_public_key.raw_bytes());
    Outcome::require(digest.get(..20) == Some(found), || {
        format!(
            "{} is not the truncated SHA-256 of the key",
            text::hex(found)
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER;
    use x509_cert::ext::pkix::SubjectKeyIdentifier;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, octets};

    #[test]
    fn subject_key_identifier_is_truncated_sha256() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.set(
            ID_CE_SUBJECT_KEY_IDENTIFIER,
            &SubjectKeyIdentifier(octets(&[1; 20])),
        );
        fixture.assert_fails(&LINT, "truncated");
    }

    #[test]
    fn existing_ca_key_keeps_its_identifier() {
        let mut fixture = CertificateFixture::cross();
        fixture.assert_passes(&LINT);
        fixture.set(
            ID_CE_SUBJECT_KEY_IDENTIFIER,
            &SubjectKeyIdentifier(octets(&[1; 20])),
        );
        fixture.assert_fails(&LINT, "5a5a");
    }
}
