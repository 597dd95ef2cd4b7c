//! `GET /healthz`: for the machine that decides where to send requests.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::StatusState;
use super::headers::uncached;

/// 200 while everything may be issued; 503 once issuance is stopped or the ledger takes no more
/// entries. Says nothing more: it is public.
pub(super) async fn check(State(state): State<StatusState>) -> Response {
    let (status, text) = if state.authority.stopped().is_some() {
        (StatusCode::SERVICE_UNAVAILABLE, "issuance is stopped\n")
    } else {
        (StatusCode::OK, "ok\n")
    };
    let mut response = uncached(
        "text/plain; charset=utf-8",
        Bytes::from_static(text.as_bytes()),
    );
    *response.status_mut() = status;
    response
}
