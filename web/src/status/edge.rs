//! Status at an edge: OCSP, and how current it is.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRef, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use kasane_ca_core::follower::{Contact, Follower, FollowerReport};
use kasane_ocsp::Responder;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::headers::uncached;
use super::{ClientLimits, OcspState, REQUEST_SECONDS, not_found, ocsp};

/// What an edge answers from.
#[derive(Clone, Debug)]
pub struct EdgeState {
    pub(super) ocsp: OcspState,
    follower: Arc<Follower>,
}

impl EdgeState {
    /// `responder` answers from `follower`.
    #[must_use]
    pub fn new(follower: Arc<Follower>, responder: Arc<Responder>) -> Self {
        Self {
            ocsp: OcspState::new(responder),
            follower,
        }
    }

    /// The same with other limits for each client.
    #[must_use]
    pub fn with_client_limits(mut self, limits: ClientLimits) -> Self {
        self.ocsp.limit_clients(limits);
        self
    }
}

impl FromRef<EdgeState> for OcspState {
    fn from_ref(state: &EdgeState) -> Self {
        state.ocsp.clone()
    }
}

/// The routes:
///
/// - `POST /ocsp` and `GET /ocsp/{base64}` for every issuing CA
/// - `POST /ocsp/{issuer}` and `GET /ocsp/{issuer}/{base64}` for one
/// - `GET /health`: how current it is, JSON; `GET /healthz`: whether it answers
/// - CRLs and certificates: 404, and where they are
pub(super) fn router(state: EdgeState) -> Router {
    let timeout = TimeoutLayer::with_status_code(
        StatusCode::SERVICE_UNAVAILABLE,
        Duration::from_secs(REQUEST_SECONDS),
    );
    Router::new()
        .route("/ocsp", post(ocsp::post))
        .route("/ocsp/", post(ocsp::post))
        .route("/ocsp/{*path}", get(ocsp::get).post(ocsp::post))
        .route("/health", get(health))
        .route("/healthz", get(check))
        .route("/crl/{*path}", get(elsewhere))
        .route("/ca/{*path}", get(elsewhere))
        .fallback(not_found)
        .layer(timeout)
        .layer(CatchPanicLayer::new())
        .with_state(state)
}

/// `GET /health`: 200 while it answers, 503 while it does not; the same JSON either way.
async fn health(State(state): State<EdgeState>) -> Response {
    let report = match report(&state).await {
        Ok(report) => report,
        Err(response) => return response,
    };
    let mut text = serde_json::to_vec_pretty(&described(&report)).unwrap_or_default();
    text.push(b'\n');
    let mut response = uncached("application/json", Bytes::from(text));
    *response.status_mut() = status_of(&report);
    response
}

/// `GET /healthz`: for the machine that decides where to send requests.
async fn check(State(state): State<EdgeState>) -> Response {
    let status = match report(&state).await {
        Ok(report) => status_of(&report),
        Err(response) => return response,
    };
    let text: &[u8] = if status == StatusCode::OK {
        b"ok\n"
    } else {
        b"what is known here is too old, or there is no signer\n"
    };
    let mut response = uncached("text/plain; charset=utf-8", Bytes::from_static(text));
    *response.status_mut() = status;
    response
}

async fn report(state: &EdgeState) -> Result<FollowerReport, Response> {
    let follower = Arc::clone(&state.follower);
    state
        .ocsp
        .blocking(move || follower.report())
        .await?
        .map_err(|error| {
            tracing::error!(code = error.code(), %error, "the edge cannot tell how it stands");
            let mut response = uncached("text/plain; charset=utf-8", Bytes::new());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
}

/// Whether it answers: it knows something that is not too old, and has a signer.
fn status_of(report: &FollowerReport) -> StatusCode {
    match report.answers_until() {
        Some(until) if until > report.now => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn described(report: &FollowerReport) -> serde_json::Value {
    let (code, reason) = match &report.contact {
        Contact::Failing { code, reason, .. } | Contact::Stopped { code, reason } => {
            (Some(*code), Some(reason.as_str()))
        }
        _ => (None, None),
    };
    let since = match &report.contact {
        Contact::Failing { since, .. } => Some(since.to_string()),
        _ => None,
    };
    let signers: Vec<_> = report
        .signers
        .iter()
        .map(|signer| {
            json!({
                "issuer": signer.issuer,
                "key": signer.key_label,
                "serial": hex::encode(&signer.serial),
                "not_after": signer.not_after.to_string(),
                "window_seconds": signer.window_seconds,
            })
        })
        .collect();
    json!({
        "responder": report.name,
        "now": report.now.to_string(),
        "clock_ahead_seconds": report.clock_ahead_seconds,
        "entries": report.entries,
        "held_entries": report.held_entries,
        "held_bytes": report.held_bytes,
        "held_noted": report.is_held_noted,
        "checkpoint": report.checkpoint,
        "as_of": report.as_of.map(|it| it.to_string()),
        "stale_seconds": report.stale_seconds(),
        "answers_until": report.answers_until().map(|it| it.to_string()),
        "authority": {
            "contact": report.contact.as_str(),
            "since": since,
            "code": code,
            "reason": reason,
        },
        "signers": signers,
        "without_signer": report.without_signer,
    })
}

/// CRLs and certificates are at the authority's address, which certificates name.
async fn elsewhere(State(state): State<EdgeState>, uri: Uri) -> Response {
    let base = &state.follower.enrolment().status_url;
    let text = format!("not here: {base}{}\n", uri.path());
    let mut response = uncached("text/plain; charset=utf-8", Bytes::from(text));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
