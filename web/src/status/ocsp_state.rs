//! What OCSP is answered from, at the authority and at an edge.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kasane_ca_core::status_source::StatusSource;
use kasane_ocsp::Responder;

use super::work_queue::WorkQueue;
use crate::server::{ClientLimits, Trusted, WorkLimit};

/// Requests that read the store or wait for a key at a time, for each processor; further ones wait.
/// A device that signs slowly is kept busy by fewer, and cryptography is slower among many threads.
const WORK_PER_PROCESSOR: usize = 2;

/// The same, whatever the number of processors.
const LEAST_WORK: usize = 4;

/// A responder, and how much may be asked of it.
#[derive(Clone)]
pub(super) struct OcspState {
    pub(super) responder: Arc<Responder>,
    pub(super) work_limit: Arc<WorkLimit>,
    pub(super) trusted: Arc<Trusted>,
    work: Arc<WorkQueue>,
}

impl OcspState {
    pub(super) fn new(responder: Arc<Responder>) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let most = LEAST_WORK.max(WORK_PER_PROCESSOR * processors);
        Self {
            responder,
            work_limit: Arc::new(WorkLimit::new(ClientLimits::default())),
            trusted: Arc::default(),
            work: WorkQueue::new(most),
        }
    }

    /// Limits everybody but those who are `trusted` with something else.
    pub(super) fn limit_clients(&mut self, limits: ClientLimits, trusted: &Arc<Trusted>) {
        self.work_limit = Arc::new(WorkLimit::trusting(limits, Arc::clone(trusted)));
        self.trusted = Arc::clone(trusted);
    }

    /// What is answered from.
    pub(super) fn source(&self) -> &dyn StatusSource {
        self.responder.source()
    }

    /// Runs what blocks on a thread that may.
    ///
    /// # Errors
    /// The answer to give when it panicked.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Response> {
        self.work.done(work).await.ok_or_else(|| {
            tracing::error!("status request failed: it panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        })
    }
}

impl std::fmt::Debug for OcspState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OcspState({:?})", self.responder)
    }
}
