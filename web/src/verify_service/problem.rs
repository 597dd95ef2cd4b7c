//! Why a request has no answer (RFC 9457). A chain that is refused is an answer, not a problem.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The HTTP status.
    status: u16,
    /// The stable dotted code.
    code: String,
    /// What it is, in general.
    title: &'static str,
    /// What failed, why, and what to do.
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            code: code.to_owned(),
            title: status.canonical_reason().unwrap_or("Failed"),
            detail: detail.into(),
        }
    }

    /// The request's own shape.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request.malformed", detail)
    }

    /// Something in the request that cannot be read, with the code of what read it.
    pub(super) fn unreadable(code: &str, field: &str, error: impl std::fmt::Display) -> Self {
        let detail = format!("{field}: {error}");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    pub(super) fn too_large(limit_bytes: usize) -> Self {
        let detail = format!("the body has more than {limit_bytes} octets");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", detail)
    }

    pub(super) fn media_type() -> Self {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Self::new(status, "request.media_type", "send application/json")
    }

    pub(super) fn other_host() -> Self {
        let detail = "this service answers for localhost only: its Host header says otherwise";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "request.host", detail)
    }

    pub(super) fn busy() -> Self {
        let detail = "too many verifications at once: ask again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "service.busy", detail)
    }

    pub(super) fn late(seconds: u64) -> Self {
        let detail = format!("the request was not done after {seconds} s");
        Self::new(StatusCode::REQUEST_TIMEOUT, "request.late", detail)
    }

    pub(super) fn internal() -> Self {
        let detail = "a fault of this program: its log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let media_type = HeaderValue::from_static("application/problem+json");
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        response
    }
}

pub(super) async fn no_such_path() -> Problem {
    let detail = "there is no such path: GET /openapi.json names those that there are";
    Problem::new(StatusCode::NOT_FOUND, "request.path", detail)
}

pub(super) async fn no_such_method() -> Problem {
    let detail = "this path takes another method: see GET /openapi.json";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "request.method", detail)
}

pub(super) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request panicked");
    Problem::internal().into_response()
}
