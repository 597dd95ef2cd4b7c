//! Status at an edge: OCSP, and how current it is.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRef, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use kasane_ca_core::follower::{Contact, Follower, FollowerReport, Standing};
use kasane_ocsp::Responder;
use serde::Deserialize;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::headers::{too_many, uncached};
use super::{ClientLimits, LimitSettings, OcspState, REQUEST_SECONDS, not_found, ocsp_routes};
use crate::server::{Client, Loopback, WorkLimit};

/// One client may look so often how the edge stands. It has no part in what it may ask of OCSP: a proxy
/// that speaks for many clients must not see a failure where they ask for much.
const LOOKS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
const LOOKS_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// What an edge answers from.
#[derive(Clone)]
pub struct EdgeState {
    pub(super) ocsp: OcspState,
    follower: Arc<Follower>,
    looks: Arc<WorkLimit>,
}

impl EdgeState {
    /// `responder` answers from `follower`.
    #[must_use]
    pub fn new(follower: Arc<Follower>, responder: Arc<Responder>) -> Self {
        Self {
            ocsp: OcspState::new(responder),
            follower,
            looks: looks(Loopback::default()),
        }
    }

    /// The same with other limits for each client.
    #[must_use]
    pub fn with_client_limits(mut self, limits: ClientLimits) -> Self {
        self.looks = looks(limits.loopback);
        self.ocsp.limit_clients(limits, &Arc::default());
        self
    }

    /// The same with what the operator set.
    #[must_use]
    pub fn with_limit_settings(mut self, settings: &LimitSettings) -> Self {
        self.looks = looks(settings.work.loopback);
        self.ocsp.limit_clients(settings.work, &settings.trusted);
        self
    }
}

impl std::fmt::Debug for EdgeState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EdgeState({:?})", self.ocsp)
    }
}

fn looks(loopback: Loopback) -> Arc<WorkLimit> {
    Arc::new(WorkLimit::new(ClientLimits {
        per_second: LOOKS_PER_SECOND,
        burst: LOOKS_AT_ONCE,
        loopback,
    }))
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
    let mut text = serde_json::to_vec_pretty(&described(&report)).unwrap_or_default();
    text.push(b'\n');
    let mut response = uncached("application/json", Bytes::from(text));
    *response.status_mut() = status_of(&report, None);
    Ok(response)
}

/// What `GET /healthz` may be asked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// An edge that knows only what is older counts as one that does not answer.
    max_stale_seconds: Option<u32>,
}

/// `GET /healthz`: for the machine that decides where to send requests. An edge that is stale still
/// answers, and so does every other one when the authority is gone: whether to send requests there is
/// for whoever asks to say, by `max_stale_seconds`.
async fn check(
    State(state): State<EdgeState>,
    client: Option<Extension<Client>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Response> {
    let plain = |status, text: String| {
        let mut response = uncached("text/plain; charset=utf-8", Bytes::from(text));
        *response.status_mut() = status;
        response
    };
    let Query(wanted) =
        wanted.map_err(|error| plain(StatusCode::BAD_REQUEST, format!("{error}\n")))?;
    let report = report(&state, client).await?;
    let seconds = report.stale_seconds().unwrap_or_default();
    let text = match report.standing() {
        Standing::Ok => "ok\n".to_owned(),
        Standing::Incomplete => {
            let lacking = report.without_signer.join(" ");
            format!("incomplete: no signer for {lacking}\n")
        }
        Standing::Stale => format!("stale: nothing is known of the last {seconds} seconds\n"),
        Standing::Silent => {
            "silent: what is known here is too old, or there is no signer\n".to_owned()
        }
    };
    Ok(plain(status_of(&report, wanted.max_stale_seconds), text))
}

async fn report(
    state: &EdgeState,
    client: Option<Extension<Client>>,
) -> Result<FollowerReport, Response> {
    if !state.looks.admits(client.map(|Extension(client)| client)) {
        return Err(too_many());
    }
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

/// Whether it answers, from what is no older than wanted.
fn status_of(report: &FollowerReport, max_stale_seconds: Option<u32>) -> StatusCode {
    let most = max_stale_seconds.map_or(i64::MAX, i64::from);
    let too_old = report.stale_seconds().is_none_or(|it| it > most);
    if report.standing() == Standing::Silent || too_old {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
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
