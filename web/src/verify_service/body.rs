//! Reading what a request brings.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;

use super::problem::Problem;
use super::service::Service;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<std::sync::Arc<Service>> for Body<T> {
    type Rejection = Response;

    async fn from_request(
        request: Request,
        service: &std::sync::Arc<Service>,
    ) -> Result<Self, Response> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"));
        if !json {
            return Err(Problem::media_type().into_response());
        }
        let octets = Bytes::from_request(request, service)
            .await
            .map_err(|rejection| unread(&rejection, service.limits().body_bytes).into_response())?;
        serde_json::from_slice(&octets)
            .map(Self)
            .map_err(|error| Problem::malformed(error.to_string()).into_response())
    }
}

fn unread(rejection: &BytesRejection, limit_bytes: usize) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large(limit_bytes)
    } else {
        Problem::malformed(rejection.body_text())
    }
}
