//! `GET /crl/{issuer}/{shard}.crl` (RFC 5280 §4.2.1.13, RFC 2585 §3).

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use kasane_ca_core::projection::crl::BASE_SECONDS;
use kasane_crl::CrlKind;

use super::StatusState;
use super::address::Address;
use super::headers::{Representation, Validators, not_found};
use super::range;

/// A full CRL may be an hour old at a cache: a revocation is in it within the hour as well, and the
/// deltas of that hour start from it.
const FULL_SECONDS: i64 = BASE_SECONDS;

/// A delta is asked for by those who want news.
const DELTA_SECONDS: i64 = 300;

/// The newest CRL, from memory: every client reads the same octets. As it is, never compressed:
/// signed octets do not get smaller, and a part of them is a part of the list.
pub(super) async fn fetch(
    State(state): State<StatusState>,
    Address((issuer, file)): Address<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let found =
        parse(&file).and_then(|(shard, kind)| state.publisher.current(&issuer, shard, kind));
    let Some(crl) = found else { return not_found() };
    let now = state.authority.now();
    let longest = match crl.kind {
        CrlKind::Full => FULL_SECONDS,
        CrlKind::Delta => DELTA_SECONDS,
    };
    let whole = Representation {
        content_type: "application/pkix-crl",
        body: crl.der.clone(),
        validators: Validators::of(&crl.etag, Some(crl.this_update)),
        max_age_seconds: crl.next_update.seconds_since(now).min(longest),
        now,
    }
    .answer(headers.clone());
    range::part_of(whole, &crl.etag, &method, &headers).map(Body::from)
}

/// `3.crl` or `3-delta.crl`, in the one way to write it.
fn parse(file: &str) -> Option<(u32, CrlKind)> {
    let name = file.strip_suffix(".crl")?;
    let (digits, kind) = match name.strip_suffix("-delta") {
        Some(digits) => (digits, CrlKind::Delta),
        None => (name, CrlKind::Full),
    };
    let shard: u32 = digits.parse().ok()?;
    (shard.to_string() == digits).then_some((shard, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_those_in_certificates() {
        assert_eq!(parse("0.crl"), Some((0, CrlKind::Full)));
        assert_eq!(parse("15-delta.crl"), Some((15, CrlKind::Delta)));
        for bad in [
            "",
            ".crl",
            "01.crl",
            "+1.crl",
            "-delta.crl",
            "1.crl.",
            "1",
            "4294967296.crl",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
