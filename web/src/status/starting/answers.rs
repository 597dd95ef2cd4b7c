//! What is said while the start is under way.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use kasane_ocsp::{OcspPath, decode_get};
use kasane_verify::ocsp::{OcspRequest, OcspResponseStatus};
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::Startup;
use crate::status::headers::{not_found, uncached};
use crate::status::ocsp::{read_post, without_answer};
use crate::status::{REQUEST_SECONDS, health};

/// What the shipped configuration of nginx sends along.
const PROXIED: &str = "x-real-ip";

/// When to ask again, in seconds. How long a start takes is not known before.
const RETRY_SECONDS: &str = "10";

/// The routes:
///
/// - `/ocsp` and below, as later: `tryLater` (RFC 6960 §2.3) to each request that can be read, with 503
///   for proxies
/// - `GET /health`: what is being done and how far it is, JSON; `GET /healthz`: the same in a word
/// - everything else: 503, come again
pub(super) fn router(startup: Arc<Startup>) -> Router {
    let timeout = TimeoutLayer::with_status_code(
        StatusCode::SERVICE_UNAVAILABLE,
        Duration::from_secs(REQUEST_SECONDS),
    );
    Router::new()
        .route("/ocsp", post(ocsp_post))
        .route("/ocsp/", post(ocsp_post))
        .route("/ocsp/{*path}", get(ocsp_get).post(ocsp_post))
        .route("/health", get(how_far))
        .route("/healthz", get(not_yet))
        .fallback(not_yet)
        .layer(timeout)
        .layer(CatchPanicLayer::new())
        .with_state(startup)
}

async fn ocsp_post(uri: Uri, headers: HeaderMap, body: Body) -> Response {
    if OcspPath::parse(uri.path()).is_none_or(|path| !path.request.is_empty()) {
        return not_found();
    }
    match read_post(&headers, body).await {
        Ok(request) => to_whom(&headers, try_later(&request)),
        Err(response) => response,
    }
}

async fn ocsp_get(uri: Uri, headers: HeaderMap) -> Response {
    let Some(path) = OcspPath::parse(uri.path()) else {
        return not_found();
    };
    let answer = try_later(&decode_get(path.request).unwrap_or_default());
    to_whom(&headers, answer)
}

/// A proxy may know somebody else who answers, and asks there when it is told 503; it knows nothing of
/// OCSP. Whoever only says to be one harms nobody else.
fn to_whom(headers: &HeaderMap, answer: Response) -> Response {
    if headers.contains_key(PROXIED) {
        unavailable(answer)
    } else {
        answer
    }
}

/// The answer to a request, DER: it can be read, or it is malformed. Whose certificate it is about is not
/// known yet.
fn try_later(request: &[u8]) -> Response {
    // RFC 9654 §2.1: a nonce without octets or with more than 128 is malformed as well.
    let parsed = OcspRequest::parse(request).and_then(|request| request.nonce());
    without_answer(match parsed {
        Ok(_) => OcspResponseStatus::TryLater,
        Err(reason) => {
            tracing::debug!(code = reason.code(), %reason, "OCSP request refused");
            OcspResponseStatus::MalformedRequest
        }
    })
}

async fn how_far(State(startup): State<Arc<Startup>>) -> Response {
    let step = startup.step();
    let entries = step
        .entries
        .map(|(done, total)| json!({ "done": done, "total": total }));
    unavailable(health::json(&json!({
        "status": "starting",
        "doing": step.what,
        "entries": entries,
        "seconds": startup.seconds(),
    })))
}

async fn not_yet() -> Response {
    let text = Bytes::from_static(b"starting: ask again soon\n");
    unavailable(uncached("text/plain; charset=utf-8", text))
}

/// 503 (RFC 9110 §15.6.4).
fn unavailable(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
    response
}
