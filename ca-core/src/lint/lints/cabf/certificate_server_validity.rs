//! TLS servers are renewed often.

use const_oid::db::rfc5280::ID_KP_SERVER_AUTH;

use crate::lint::{
    CertificateFacts, CertificateLint, CertificateRole, Lint, Outcome, Severity, Source,
};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_server_validity",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §6.3.2 (step of 2026-03-15)",
    description: "a TLS server certificate is valid for at most 200 days; the later, shorter steps bind the public web only",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let serves = facts
        .extended_key_usage
        .value()
        .is_some_and(|p| p.0.contains(&ID_KP_SERVER_AUTH));
    if facts.expected.role != CertificateRole::EndEntity || !serves {
        return Outcome::NotApplicable;
    }
    let (Some(not_before), Some(not_after)) = (facts.not_before.at, facts.not_after.at) else {
        return Outcome::NotApplicable;
    };
    // Both ends are included (RFC 5280 §4.1.2.5).
    let seconds = not_after.seconds_since(not_before).saturating_add(1);
    Outcome::require(seconds <= MAX_SECONDS, || {
        format!("valid for {seconds} seconds, more than {MAX_SECONDS}")
    })
}

const MAX_SECONDS: i64 = 200 * 86_400;

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, time};

    #[test]
    fn server_is_valid_for_200_days_at_most() {
        let mut fixture = CertificateFixture::server();
        fixture.assert_passes(&LINT);
        fixture.not_after = time(fixture.expected.now.plus_seconds(super::MAX_SECONDS - 1));
        fixture.assert_passes(&LINT);
        fixture.not_after = time(fixture.expected.now.plus_seconds(super::MAX_SECONDS));
        fixture.assert_fails(&LINT, "17280001 seconds");
        CertificateFixture::terminal().assert_not_applicable(&LINT);
        CertificateFixture::issuing().assert_not_applicable(&LINT);
    }
}
