//! Status over plain HTTP: what relying systems fetch from the addresses in certificates, and what
//! auditors read. Everything here is public and signed.

mod address;
mod certificate;
mod crl;
mod headers;
mod health;
mod ledger;
mod ocsp;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kasane_ca_core::Authority;
use kasane_crl::Publisher;
use kasane_ocsp::Responder;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

/// How long a request may take, its body included: two signatures of a slow device.
const REQUEST_SECONDS: u64 = 15;

/// Requests that read the store or wait for a key at a time; further ones wait.
const MAX_WORK: usize = 64;

/// What the status endpoints answer from.
#[derive(Clone)]
pub struct StatusState {
    authority: Arc<Authority>,
    publisher: Arc<Publisher>,
    responder: Arc<Responder>,
    ledger: Arc<Path>,
    work: Arc<Semaphore>,
}

impl StatusState {
    /// `ledger` is the ledger's folder; only its checkpoint and tiles are served.
    #[must_use]
    pub fn new(
        authority: Arc<Authority>,
        publisher: Arc<Publisher>,
        responder: Arc<Responder>,
        ledger: PathBuf,
    ) -> Self {
        let work = Arc::new(Semaphore::new(MAX_WORK));
        Self {
            authority,
            publisher,
            responder,
            ledger: ledger.into(),
            work,
        }
    }

    /// Runs what blocks on a thread that may.
    ///
    /// # Errors
    /// The answer to give when it panicked.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Response> {
        let permit = Arc::clone(&self.work).acquire_owned().await;
        // The permit goes along: a client that gives up does not free the thread.
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        done.await.map_err(|error| {
            tracing::error!(%error, "status request failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        })
    }
}

impl std::fmt::Debug for StatusState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StatusState({:?})", self.authority)
    }
}

/// The routes:
///
/// - `GET /crl/{issuer}/{shard}.crl` and `{shard}-delta.crl`
/// - `GET /ca/{name}.cer`
/// - `POST /ocsp/{issuer}` and `GET /ocsp/{issuer}/{base64}`
/// - `GET /ledger/checkpoint` and `/ledger/tile/…` (C2SP tlog-tiles)
/// - `GET /healthz`
pub fn router(state: StatusState) -> Router {
    let timeout = TimeoutLayer::with_status_code(
        StatusCode::SERVICE_UNAVAILABLE,
        Duration::from_secs(REQUEST_SECONDS),
    );
    Router::new()
        .route("/crl/{issuer}/{file}", get(crl::fetch))
        .route("/ca/{file}", get(certificate::fetch))
        .route("/ocsp/{issuer}", post(ocsp::post))
        .route("/ocsp/{issuer}/", post(ocsp::post))
        .route("/ocsp/{issuer}/{*request}", get(ocsp::get))
        .route("/ledger/checkpoint", get(ledger::checkpoint))
        .route("/ledger/tile/{*path}", get(ledger::tile))
        .route("/healthz", get(health::check))
        .fallback(not_found)
        .layer(timeout)
        .layer(CatchPanicLayer::new())
        .with_state(state)
}

async fn not_found() -> Response {
    headers::not_found()
}

/// Whether `name` can be an issuer's or a cross-certificate's.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
