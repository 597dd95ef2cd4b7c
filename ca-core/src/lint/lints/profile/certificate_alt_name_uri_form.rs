//! The form of the URI that relying systems match.

use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source, text};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_alt_name_uri_form",
    source: Source::Profile,
    severity: Severity::Error,
    citation: "Kasane certificate profiles (common: SAN URI)",
    description: "a URI among the alternative names is https://id.<operator>/<kind>/<code>/<no> with a code of its kind",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let names = facts
        .subject_alt_name
        .value()
        .map_or(&[][..], |names| &names.0);
    let mut uris = names.iter().filter_map(text::uri).peekable();
    if uris.peek().is_none() {
        return Outcome::NotApplicable;
    }
    let bad = uris.find(|uri| !has_form(uri));
    bad.map_or(Outcome::Pass, |uri| {
        Outcome::fail(format!("{uri:?} does not have the form"))
    })
}

fn has_form(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("https://id.") else {
        return false;
    };
    let mut parts = rest.split('/');
    let (Some(operator), Some(kind), Some(code), Some(number), None) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return false;
    };
    let digits = |length| code.len() == length && code.bytes().all(|c| c.is_ascii_digit());
    let code_fits = match kind {
        "facility" => digits(10),
        "insurer" => digits(8),
        "municipality" => digits(6),
        "fire" | "vendor" | "system" | "operator" => {
            (2..=32).contains(&code.len())
                && code
                    .bytes()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
        }
        _ => false,
    };
    text::is_dns_name(operator) && code_fits && is_number(number)
}

/// 1 to 9999 without leading zeros.
fn is_number(number: &str) -> bool {
    (1..=4).contains(&number.len())
        && number.bytes().all(|c| c.is_ascii_digit())
        && !number.starts_with('0')
}

#[cfg(test)]
mod tests {
    use const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME;
    use x509_cert::ext::pkix::SubjectAltName;

    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, uri_name};

    #[test]
    fn uri_has_host_kind_code_and_number() {
        let mut fixture = CertificateFixture::terminal();
        fixture.assert_passes(&LINT);
        for good in [
            "insurer/01234567/1",
            "municipality/131016/9999",
            "vendor/ika-2/12",
        ] {
            set(&mut fixture, &format!("https://id.kasane.example/{good}"));
            fixture.assert_passes(&LINT);
        }
        for bad in [
            "https://id.kasane.example/facility/131234567/1",
            "https://id.kasane.example/facility/1312345678/0",
            "https://id.kasane.example/facility/1312345678/01",
            "https://id.kasane.example/facility/1312345678/10000",
            "https://id.kasane.example/facility/1312345678/1/",
            "https://id.kasane.example/facility/1312345678",
            "https://id.kasane.example/person/1312345678/1",
            "https://id.kasane.example/system/X/1",
            "http://id.kasane.example/facility/1312345678/1",
            "https://kasane.example/facility/1312345678/1",
            "https://id.kasane.example:443/facility/1312345678/1",
        ] {
            set(&mut fixture, bad);
            fixture.assert_fails(&LINT, bad);
        }
        CertificateFixture::root().assert_not_applicable(&LINT);
    }

    fn set(fixture: &mut CertificateFixture, uri: &str) {
        fixture.set(ID_CE_SUBJECT_ALT_NAME, &SubjectAltName(vec![uri_name(uri)]));
    }
}
