//! Looks at how a responder stands, by those who decide where to send requests and those who watch.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use kasane_ca_core::Error;

use super::headers::{too_many, uncached};
use super::work_queue::WorkQueue;
use crate::server::{Client, ClientLimits, Loopback, Trusted, WorkLimit};

/// One client may look so often. That has no part in what it may ask of OCSP: a proxy that speaks for many
/// clients must not see a failure where they ask for much.
const LOOKS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
const LOOKS_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// Lets clients look: so often, one after the other, and not behind those who wait for signatures.
#[derive(Clone)]
pub(super) struct Looks {
    limit: Arc<WorkLimit>,
    queue: Arc<WorkQueue>,
}

impl Looks {
    /// `loopback` tells whether the limit holds for this machine as well.
    pub(super) fn new(loopback: Loopback) -> Self {
        Self::trusting(loopback, &Arc::default())
    }

    /// The same, where some are trusted: a proxy that passes the looks of others on must not be refused
    /// its own.
    pub(super) fn trusting(loopback: Loopback, trusted: &Arc<Trusted>) -> Self {
        let limits = ClientLimits {
            per_second: LOOKS_PER_SECOND,
            burst: LOOKS_AT_ONCE,
            loopback,
        };
        Self {
            limit: Arc::new(WorkLimit::trusting(limits, Arc::clone(trusted))),
            queue: WorkQueue::new(1),
        }
    }

    /// What `look` finds; it may read the store.
    ///
    /// # Errors
    /// The answer to a client that looks too often, or when nobody can tell.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        client: Option<Extension<Client>>,
        look: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Response> {
        if !self.limit.admits(client.map(|Extension(client)| client)) {
            return Err(too_many());
        }
        match self.queue.done(look).await {
            Some(Ok(found)) => return Ok(found),
            Some(Err(error)) => {
                tracing::error!(code = error.code(), %error, "it cannot be told how status stands");
            }
            None => tracing::error!("it cannot be told how status stands: the look panicked"),
        }
        let mut response = uncached("text/plain; charset=utf-8", Bytes::new());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        Err(response)
    }
}
