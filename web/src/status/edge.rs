//! Status at an edge: OCSP, and how current it is.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRef, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use kasane_ca_core::follower::{Contact, Follower, FollowerReport};
use kasane_ocsp::Responder;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::headers::uncached;
use super::looks::Looks;
use super::standing::{Stand, Wanted};
use super::{ClientLimits, LimitSettings, OcspState, REQUEST_SECONDS, not_found, ocsp_routes};
use crate::server::{Client, Loopback};

/// What an edge answers from.
#[derive(Clone)]
pub struct EdgeState {
    pub(super) ocsp: OcspState,
    follower: Arc<Follower>,
    looks: Looks,
}

impl EdgeState {
    /// `responder` answers from `follower`.
    #[must_use]
    pub fn new(follower: Arc<Follower>, responder: Arc<Responder>) -> Self {
        Self {
            ocsp: OcspState::new(responder),
            follower,
            looks: Looks::new(Loopback::default()),
        }
    }

    /// The same with other limits for each client.
    #[must_use]
    pub fn with_client_limits(mut self, limits: ClientLimits) -> Self {
        self.looks = Looks::new(limits.loopback);
        self.ocsp.limit_clients(limits, &Arc::default());
        self
    }

    /// The same with what the operator set.
    #[must_use]
    pub fn with_limit_settings(mut self, settings: &LimitSettings) -> Self {
        self.looks = Looks::trusting(settings.work.loopback, &settings.trusted);
        self.ocsp.limit_clients(settings.work, &settings.trusted);
        self
    }
}

impl std::fmt::Debug for EdgeState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EdgeState({:?})", self.ocsp)
    }
}

impl FromRef<EdgeState> for OcspState {
    fn from_ref(state: &EdgeState) -> Self {
        state.ocsp.clone()
    }
}

/// The routes:
///
/// - those of [`ocsp_routes`]
/// - `GET /health`: how current it is, JSON; `GET /healthz`: the same in a word
/// - CRLs and certificates: 404, and where they are
pub(super) fn router(state: EdgeState) -> Router {
    let timeout = TimeoutLayer::with_status_code(
        StatusCode::SERVICE_UNAVAILABLE,
        Duration::from_secs(REQUEST_SECONDS),
    );
    Router::new()
        .route("/health", get(health))
        .route("/healthz", get(check))
        .route("/crl/{*path}", get(elsewhere))
        .route("/ca/{*path}", get(elsewhere))
        .fallback(not_found)
        .layer(timeout)
        .layer(CatchPanicLayer::new())
        .merge(ocsp_routes::routes())
        .with_state(state)
}

/// `GET /health`: 200 while it answers, 503 while it does not; the same JSON either way.
async fn health(
    State(state): State<EdgeState>,
    client: Option<Extension<Client>>,
) -> Result<Response, Response> {
    let report = report(&state, client).await?;
    Ok(stand(&report).in_detail(&described(&report)))
}

/// `GET /healthz`: the same in a word.
async fn check(
    State(state): State<EdgeState>,
    client: Option<Extension<Client>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Response> {
    let wanted = Wanted::of(wanted).map_err(|refused| *refused)?;
    let report = report(&state, client).await?;
    Ok(stand(&report).in_a_word(wanted))
}

async fn report(
    state: &EdgeState,
    client: Option<Extension<Client>>,
) -> Result<FollowerReport, Response> {
    let follower = Arc::clone(&state.follower);
    state.looks.look(client, move || follower.report()).await
}

fn stand(report: &FollowerReport) -> Stand<'_> {
    Stand {
        standing: report.standing(),
        stale_seconds: report.stale_seconds(),
        without_signer: &report.without_signer,
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
        "status": report.standing().as_str(),
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
