//! Elliptic-curve keys in the form that everybody reads.

use const_oid::db::rfc5912;

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_ec_public_key",
    source: Source::Rfc,
    severity: Severity::Error,
    citation: "RFC 5480 §2.1.1, §2.2",
    description: "an elliptic-curve key names its curve and is an uncompressed point of that curve's length",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    if facts.spki.algorithm.oid != rfc5912::ID_EC_PUBLIC_KEY {
        return Outcome::NotApplicable;
    }
    let curve = facts
        .spki
        .algorithm
        .parameters
        .and_then(|any| any.decode_as().ok());
    let octets = match curve {
        Some(rfc5912::SECP_256_R_1) => 65,
        Some(rfc5912::SECP_384_R_1) => 97,
        Some(rfc5912::SECP_521_R_1) => 133,
        Some(other) => return Outcome::fail(format!("curve {other} is not allowed")),
        None => return Outcome::fail("the curve is not named"),
    };
    let point = facts.spki.subject_public_key.as_bytes().unwrap_or_default();
    Outcome::require(point.len() == octets && point.first() == Some(&4), || {
        format!(
            "a point of {} octets, not {octets}, or compressed",
            point.len()
        )
    })
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5912;
    use der::{Any, Tag};

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, ec_spki, spki_of};

    #[test]
    fn curve_is_named_and_the_point_is_uncompressed() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        fixture.spki = ec_spki(rfc5912::SECP_224_R_1, &[4; 57]);
        fixture.assert_fails(&LINT, "not allowed");
        fixture.spki = ec_spki(rfc5912::SECP_384_R_1, &[2; 49]);
        fixture.assert_fails(&LINT, "49 octets");
        fixture.spki = ec_spki(rfc5912::SECP_384_R_1, &[6; 97]);
        fixture.assert_fails(&LINT, "compressed");
        let explicit = Any::new(Tag::Sequence, vec![]).unwrap();
        for parameters in [None, Some(Any::null()), Some(explicit)] {
            fixture.spki = spki_of(rfc5912::ID_EC_PUBLIC_KEY, parameters, &[4; 97]);
            fixture.assert_fails(&LINT, "not named");
        }
    }
}
