//! OCSP over HTTP (RFC 6960 Appendix A, RFC 9919 §5 and §6): the long way, by the router.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use kasane_ocsp::{OcspPath, decode_get};
use kasane_verify::UnixTime;
use kasane_verify::ocsp::{MAX_REQUEST_BYTES, OcspResponse, OcspResponseStatus};

use super::headers::{OCSP_SECONDS, Representation, Validators, not_found, uncached};
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
    let client = client.map(|Extension(client)| client);
    answer_post(&state, client, issuer.issuer, request).await
}

/// The answer to a POST of `request`; `issuer` is what the address stands for.
pub(super) async fn answer_post(
    state: &OcspState,
    client: Option<Client>,
    issuer: Option<&str>,
    request: Bytes,
) -> Response {
    let now = state.source().now();
    match respond(state, client, issuer, request, now).await {
        Ok(response) => match represent(response, now) {
            Ok(representation) => representation.whole(HeaderMap::new()).map(Body::from),
            Err(der) => uncached(RESPONSE_TYPE, der),
        },
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
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    // Too long, as a GET of it would be, or broken off.
    let malformed = || without_answer(OcspResponseStatus::MalformedRequest);
    if announced > MAX_REQUEST_BYTES {
        return Err(malformed());
    }
    axum::body::to_bytes(body, MAX_REQUEST_BYTES)
        .await
        .map_err(|_| malformed())
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
    let client = client.map(|Extension(client)| client);
    match respond(&state, client, path.issuer, request.into(), now).await {
        Ok(response) => match represent(response, now) {
            Ok(representation) => representation.answer(headers).map(Body::from),
            Err(der) => uncached(RESPONSE_TYPE, der),
        },
        Err(response) => response,
    }
}

/// What a response looks like to those who may keep it.
///
/// # Errors
/// The response's octets when nobody may.
pub(super) fn represent(
    response: kasane_ocsp::Response,
    now: UnixTime,
) -> Result<Representation, Bytes> {
    let (Some(times), Some(validators)) = (response.cacheable, response.validators) else {
        return Err(response.der);
    };
    Ok(Representation {
        content_type: RESPONSE_TYPE,
        body: response.der,
        validators: Validators::ready(validators),
        max_age_seconds: times.next_update.seconds_since(now).min(OCSP_SECONDS),
        // A revocation must not stay hidden because nobody here answers.
        stale_seconds: 0,
        now,
    })
}

/// The address, unless it names an issuer that does not exist.
pub(super) fn address<'a>(state: &OcspState, path: &'a str) -> Option<OcspPath<'a>> {
    OcspPath::parse(path).filter(|path| {
        path.issuer
            .is_none_or(|name| state.source().issuer(name).is_ok())
    })
}

async fn respond(
    state: &OcspState,
    client: Option<Client>,
    issuer: Option<&str>,
    request: Bytes,
    now: UnixTime,
) -> Result<kasane_ocsp::Response, Response> {
    if !state.work_limit.admits(client) {
        tracing::debug!("OCSP request put off: the client asks for too much work");
        return Err(without_answer(OcspResponseStatus::TryLater));
    }
    let responder = Arc::clone(&state.responder);
    let issuer = issuer.map(str::to_owned);
    state
        .blocking(move || responder.respond(issuer.as_deref(), &request, now))
        .await
        .map_err(|_panicked| without_answer(OcspResponseStatus::InternalError))
}

/// A response that says only `status`, for nobody to keep (RFC 6960 §4.2.1). HTTP 200: it is what was
/// asked for.
pub(super) fn without_answer(status: OcspResponseStatus) -> Response {
    match OcspResponse::without_answer(status) {
        Ok(der) => uncached(RESPONSE_TYPE, Bytes::from(der)),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
