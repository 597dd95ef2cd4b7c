//! Certificates stay small.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_size",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (size)",
    description: "the to-be-signed bytes are at most 10,240: enough for every name that a registration may have, far from the limit of a ledger entry",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    Outcome::require(facts.tbs_der.len() <= MAX_BYTES, || {
        format!("{} bytes, more than {MAX_BYTES}", facts.tbs_der.len())
    })
}

const MAX_BYTES: usize = 10_240;

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;

    use super::LINT;
    use crate::lint::fixtures::CertificateFixture;

    #[test]
    fn certificate_is_at_most_10240_bytes() {
        let mut fixture = CertificateFixture::server();
        fixture.assert_passes(&LINT);
        fixture.set_raw(ID_CE_SUBJECT_ALT_NAME, vec![0x30; super::MAX_BYTES]);
        fixture.assert_fails(&LINT, "more than 10240");
    }
}
