//! OCSP over HTTP (RFC 6960 Appendix A, RFC 5019 §5 and §6, RFC 9919).

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use kasane_ocsp::decode_get;
use kasane_verify::ocsp::MAX_REQUEST_BYTES;

use super::StatusState;
use super::address::Address;
use super::headers::{Representation, not_found, uncached};

const REQUEST_TYPE: &str = "application/ocsp-request";
const RESPONSE_TYPE: &str = "application/ocsp-response";

/// A cache may keep an answer so long, far below its nextUpdate: a revocation shall be seen soon.
const FRESH_SECONDS: i64 = 300;

/// `POST /ocsp/{issuer}`.
pub(super) async fn post(
    State(state): State<StatusState>,
    Address(issuer): Address<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if state.authority.issuer(&issuer).is_err() {
        return not_found();
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case(REQUEST_TYPE) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > MAX_REQUEST_BYTES {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let Ok(request) = axum::body::to_bytes(body, MAX_REQUEST_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match respond(&state, issuer, request.to_vec()).await {
        Ok(response) => uncached(RESPONSE_TYPE, Bytes::from_owner(response.der)),
        Err(response) => response,
    }
}

/// `GET /ocsp/{issuer}/{base64}`.
pub(super) async fn get(
    State(state): State<StatusState>,
    Address((issuer, _)): Address<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if state.authority.issuer(&issuer).is_err() {
        return not_found();
    }
    // The raw path: decoding it twice would turn an encoded percent sign into something else.
    let encoded = uri
        .path()
        .strip_prefix("/ocsp/")
        .and_then(|rest| rest.split_once('/'));
    let request = match decode_get(encoded.map_or("", |(_, encoded)| encoded)) {
        Ok(request) => request,
        Err(error) => {
            tracing::debug!(code = error.code(), %error, "OCSP request refused");
            // No request at all: the responder says so in its own words.
            Vec::new()
        }
    };
    let response = match respond(&state, issuer, request).await {
        Ok(response) => response,
        Err(response) => return response,
    };
    let body = Bytes::from_owner(response.der);
    let now = state.authority.now();
    match response.cacheable {
        Some(times) => Representation {
            content_type: RESPONSE_TYPE,
            body,
            etag: &response.etag,
            last_modified: Some(times.produced_at),
            max_age_seconds: times.next_update.seconds_since(now).min(FRESH_SECONDS),
            now,
        }
        .answer(&headers),
        None => uncached(RESPONSE_TYPE, body),
    }
}

async fn respond(
    state: &StatusState,
    issuer: String,
    request: Vec<u8>,
) -> Result<kasane_ocsp::Response, Response> {
    let (responder, now) = (Arc::clone(&state.responder), state.authority.now());
    state
        .blocking(move || responder.respond(Some(&issuer), &request, now))
        .await
}
