//! `GET /crl/{issuer}/{shard}.crl` (RFC 5280 §4.2.1.13, RFC 2585 §3).

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use kasane_ca_core::projection::crl::BASE_SECONDS;
use kasane_crl::{CrlKind, PublishedCrl};

use super::StatusState;
use super::address::Address;
use super::headers::{Representation, Validators, not_found, uncached};
use super::range;

/// A full CRL may be an hour old at a cache: a revocation is in it within the hour as well, and the
/// deltas of that hour start from it.
const FULL_SECONDS: i64 = BASE_SECONDS;

/// A delta is asked for by those who want news.
const DELTA_SECONDS: i64 = 300;

/// So often is a list made for one who asks.
const RENEWALS: usize = 3;

/// The clock may be set right before a list of the future begins.
const LONGEST_RETRY_SECONDS: i64 = 60;

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
    let crl = match current(&state, crl).await {
        Ok(crl) => crl,
        Err(answer) => return answer,
    };
    let now = state.authority.now();
    if !crl.has_begun(now) {
        return not_yet(crl.this_update.seconds_since(now));
    }
    let longest = match crl.kind {
        CrlKind::Full => FULL_SECONDS,
        CrlKind::Delta => DELTA_SECONDS,
    };
    let left = crl.next_update.seconds_since(now);
    let max_age_seconds = left.min(longest);
    let whole = Representation {
        content_type: "application/pkix-crl",
        body: crl.der.clone(),
        validators: Validators::of(&crl.etag, Some(crl.this_update)),
        max_age_seconds,
        // Clients fail without a list, and with this one not before its end.
        stale_seconds: left.saturating_sub(max_age_seconds),
        now,
    }
    .answer(headers.clone());
    range::part_of(whole, &crl.etag, &method, &headers).map(Body::from)
}

/// `crl`, or what takes its place: after the clock jumped a list may be of the future or over, and is
/// made anew for whoever asks first. The others wait; none holds a thread meanwhile.
async fn current(
    state: &StatusState,
    mut crl: Arc<PublishedCrl>,
) -> Result<Arc<PublishedCrl>, Response> {
    let is_to_renew = |crl: &PublishedCrl| {
        let now = state.authority.now();
        !crl.is_current(now) && state.publisher.may_renew(crl, now)
    };
    // The clock may jump again meanwhile.
    for _ in 0..RENEWALS {
        if !is_to_renew(&crl) {
            break;
        }
        let first = Arc::clone(&state.renewing).lock_owned().await;
        crl = state
            .publisher
            .current(&crl.issuer, crl.shard, crl.kind)
            .unwrap_or(crl);
        if !is_to_renew(&crl) {
            break;
        }
        let publisher = Arc::clone(&state.publisher);
        let work = move || {
            let renewed = publisher.renewed(&crl).unwrap_or(crl);
            // It goes along: a client that gives up does not let the next one in.
            drop(first);
            renewed
        };
        crl = state.blocking(work).await?;
    }
    Ok(crl)
}

/// 503: there is a list, and no other can be made before it begins. Whoever has an older one keeps it.
fn not_yet(seconds: i64) -> Response {
    let text = Bytes::from_static(b"the list begins later: the clock here was set back\n");
    let mut response = uncached("text/plain; charset=utf-8", text);
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let seconds = seconds.clamp(1, LONGEST_RETRY_SECONDS);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
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
