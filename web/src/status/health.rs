//! `GET /healthz` and `GET /health`: for the machine that decides where to send requests.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::StatusState;
use super::headers::uncached;

/// 200 while everything may be issued; 503 once issuance is stopped or the ledger takes no more
/// entries. Says nothing more: it is public.
pub(super) async fn check(State(state): State<StatusState>) -> Response {
    let stopped = state.authority.stopped().is_some();
    let text: &[u8] = if stopped {
        b"issuance is stopped\n"
    } else {
        b"ok\n"
    };
    let text = Bytes::from_static(text);
    with_status(uncached("text/plain; charset=utf-8", text), stopped)
}

/// The same as JSON.
pub(super) async fn report(State(state): State<StatusState>) -> Response {
    let stopped = state.authority.stopped().is_some();
    let status = if stopped { "issuance-stopped" } else { "ok" };
    with_status(json(&json!({ "status": status })), stopped)
}

/// JSON for people and programs.
pub(super) fn json(value: &Value) -> Response {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    uncached("application/json", Bytes::from(text))
}

fn with_status(mut response: Response, stopped: bool) -> Response {
    if stopped {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}
