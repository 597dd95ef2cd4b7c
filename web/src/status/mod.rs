//! Status over plain HTTP: what relying systems fetch from the addresses in certificates, and what
//! auditors read. Everything here is public and signed.

mod address;
mod body;
mod certificate;
mod crl;
mod edge;
mod file_body;
mod headers;
mod health;
mod ledger;
mod limit_settings;
mod looks;
mod ocsp;
mod ocsp_routes;
mod ocsp_state;
mod range;
mod server;
mod standing;
mod starting;
mod work_queue;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use kasane_ca_core::Authority;
use kasane_crl::Publisher;
use kasane_ocsp::Responder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

pub use body::StatusBody;
pub use edge::EdgeState;
use file_body::FileReads;
pub use limit_settings::LimitSettings;
use looks::Looks;
use ocsp_state::OcspState;
pub use server::{StatusReply, StatusServer, StatusService};
pub use starting::{GateService, Startup, StatusGate};

use crate::canary::Canary;
pub use crate::server::ClientLimits;
use crate::server::{Client, Loopback};

/// How long a request may take, its body included: two signatures of a slow device.
const REQUEST_SECONDS: u64 = 15;

/// What the status endpoints answer from.
#[derive(Clone)]
pub struct StatusState {
    authority: Arc<Authority>,
    publisher: Arc<Publisher>,
    ocsp: OcspState,
    ledger: Arc<Path>,
    /// Held by the one request for which a CRL is made anew.
    renewing: Arc<tokio::sync::Mutex<()>>,
    files: FileReads,
    looks: Looks,
    /// Whose figures are told.
    canary: Option<Arc<Canary>>,
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
        Self {
            authority,
            publisher,
            ocsp: OcspState::new(responder),
            ledger: ledger.into(),
            renewing: Arc::default(),
            files: FileReads::default(),
            looks: Looks::new(Loopback::default()),
            canary: None,
        }
    }

    /// The same with a canary, whose figures everybody may read.
    #[must_use]
    pub fn with_canary(mut self, canary: Arc<Canary>) -> Self {
        self.canary = Some(canary);
        self
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

    /// The answer to a client that asks for too much that is not at hand; none to others.
    fn put_off(&self, client: Option<Extension<Client>>) -> Option<Response> {
        let client = client.map(|Extension(client)| client);
        (!self.ocsp.work_limit.admits(client)).then(headers::too_many)
    }

    /// Runs what blocks on a thread that may.
    ///
    /// # Errors
    /// The answer to give when it panicked.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Response> {
        self.ocsp.blocking(work).await
    }
}

impl FromRef<StatusState> for OcspState {
    fn from_ref(state: &StatusState) -> Self {
        state.ocsp.clone()
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
/// - those of [`ocsp_routes`]
/// - `GET /ledger/checkpoint` and `/ledger/tile/…` (C2SP tlog-tiles)
/// - `GET /healthz`: whether status is answered here, and `GET /health`: the same and more as JSON
///
/// [`StatusServer`] stands before it, and until it is started a [`StatusGate`].
fn router(state: StatusState) -> Router {
    let timeout = TimeoutLayer::with_status_code(
        StatusCode::SERVICE_UNAVAILABLE,
        Duration::from_secs(REQUEST_SECONDS),
    );
    Router::new()
        .route("/crl/{issuer}/{file}", get(crl::fetch))
        .route("/ca/{file}", get(certificate::fetch))
        .route("/ledger/checkpoint", get(ledger::checkpoint))
        .route("/ledger/tile/{*path}", get(ledger::tile))
        .route("/health", get(health::report))
        .route("/healthz", get(health::check))
        .fallback(not_found)
        .layer(timeout)
        .layer(CatchPanicLayer::new())
        .merge(ocsp_routes::routes())
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
