//! What the path of a request says.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::Response;
use serde::de::DeserializeOwned;

use super::headers::not_found;

/// The parts of a path. One that cannot be read, as octets that are no UTF-8, names nothing: 404.
pub(super) struct Address<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Address<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(address)) => Ok(Self(address)),
            Err(_) => Err(not_found()),
        }
    }
}
