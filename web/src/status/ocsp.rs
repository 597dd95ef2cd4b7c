//! OCSP over HTTP (RFC 6960 Appendix A, RFC 9919 §5 and §6): the long way, by the router.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use kasane_ocsp::decode_get;
use kasane_verify::UnixTime;
use kasane_verify::ocsp::{MAX_REQUEST_BYTES, OcspResponse, OcspResponseStatus};

use super::headers::{OCSP_SECONDS, Representation, Validators, not_found, uncached};
use super::ocsp_path::OcspPath;
use super::ocsp_state::OcspState;
use crate::server::Client;

pub(super) const REQUEST_TYPE: &str = "application/ocsp-request";
const RESPONSE_TYPE: &str = "application/ocsp-response";

/// `POST /ocsp` and `POST /ocsp/{issuer}`.
pub(super) async fn post(
    State(state): State<OcspState>,
    client: Option<Extension<Client>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(issuer) = address(&state, uri.path()).filter(|path| path.request.is_empty()) else {
        return not_found();
    };
    let request = match read_post(&headers, body).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let now = state.source().now();
    let issuer = issuer.issuer.map(str::to_owned);
    match respond(&state, client, issuer, request.to_vec(), now).await {
        Ok(response) => represent(&response, now).map_or_else(
            || uncached(RESPONSE_TYPE, response.der.clone()),
            |representation| representation.whole().map(Body::from),
        ),
        Err(response) => response,
    }
}

/// The request in the body of a POST.
///
/// # Errors
/// The answer to give when it is of another kind, or too long.
pub(super) async fn read_post(headers: &HeaderMap, body: Body) -> Result<Bytes, Response> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case(REQUEST_TYPE) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    let too_large = || StatusCode::PAYLOAD_TOO_LARGE.into_response();
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > MAX_REQUEST_BYTES {
        return Err(too_large());
    }
    axum::body::to_bytes(body, MAX_REQUEST_BYTES)
        .await
        .map_err(|_| too_large())
}

/// `GET /ocsp/{base64}` and `GET /ocsp/{issuer}/{base64}`.
pub(super) async fn get(
    State(state): State<OcspState>,
    client: Option<Extension<Client>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some(path) = address(&state, uri.path()) else {
        return not_found();
    };
    let request = match decode_get(path.request) {
        Ok(request) => request,
        Err(error) => {
            tracing::debug!(code = error.code(), %error, "OCSP request refused");
            // No request at all: the responder says so in its own words.
            Vec::new()
        }
    };
    let now = state.source().now();
    let issuer = path.issuer.map(str::to_owned);
    match respond(&state, client, issuer, request, now).await {
        Ok(response) => represent(&response, now).map_or_else(
            || uncached(RESPONSE_TYPE, response.der.clone()),
            |representation| representation.answer(&headers).map(Body::from),
        ),
        Err(response) => response,
    }
}

/// What a response looks like to those who may keep it; none when nobody may.
pub(super) fn represent(response: &kasane_ocsp::Response, now: UnixTime) -> Option<Representation> {
    let times = response.cacheable?;
    Some(Representation {
        content_type: RESPONSE_TYPE,
        body: response.der.clone(),
        validators: Validators::ready(response.validators.as_ref()?),
        max_age_seconds: times.next_update.seconds_since(now).min(OCSP_SECONDS),
        now,
    })
}

/// The address, unless it names an issuer that does not exist.
fn address<'a>(state: &OcspState, path: &'a str) -> Option<OcspPath<'a>> {
    OcspPath::parse(path).filter(|path| {
        path.issuer
            .is_none_or(|name| state.source().issuer(name).is_ok())
    })
}

async fn respond(
    state: &OcspState,
    client: Option<Extension<Client>>,
    issuer: Option<String>,
    request: Vec<u8>,
    now: UnixTime,
) -> Result<kasane_ocsp::Response, Response> {
    if !state
        .work_limit
        .admits(client.map(|Extension(client)| client))
    {
        tracing::debug!("OCSP request put off: the client asks for too much work");
        return Err(try_later());
    }
    let responder = Arc::clone(&state.responder);
    state
        .blocking(move || responder.respond(issuer.as_deref(), &request, now))
        .await
}

fn try_later() -> Response {
    without_answer(OcspResponseStatus::TryLater)
}

/// A response that says only `status`, for nobody to keep (RFC 6960 §4.2.1). HTTP 200: it is what was
/// asked for.
pub(super) fn without_answer(status: OcspResponseStatus) -> Response {
    match OcspResponse::without_answer(status) {
        Ok(der) => uncached(RESPONSE_TYPE, Bytes::from(der)),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
