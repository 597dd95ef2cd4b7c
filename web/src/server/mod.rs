//! A listener that slow, idle and too many clients cannot hold up.

mod client;
mod clients;
mod network;
mod per_client;
mod progress;
mod seldom;
mod strangers;
mod trusted;
mod work_limit;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

pub use client::{Client, ClientAddress, Loopback};
use clients::Clients;
pub use network::{BadNetwork, Network};
pub use per_client::PerClient;
use progress::{Counted, Progress, Watched};
pub(crate) use seldom::Seldom;
pub(crate) use strangers::Caller;
use strangers::Strangers;
pub use trusted::{Allowance, Rate, Trusted};
pub use work_limit::ClientLimits;
pub(crate) use work_limit::WorkLimit;

/// Longest request head: an OCSP request of 16 KiB in a GET, percent-encoded, and its headers.
const MAX_HEAD_BYTES: usize = 96 * 1024;

/// What one server takes upon itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; further ones wait in the listener's queue.
    pub connections: usize,
    /// Connections at a time of one [`Client`]; further ones are closed at once.
    pub connections_per_client: usize,
    /// Whether that holds for this machine as well.
    pub loopback: Loopback,
    /// Connections at a time for which no request vouched yet: the oldest ends when there are more, or
    /// when it would keep the last place from others. None where requests need no credentials.
    pub strangers: Option<usize>,
    /// How long a client may take for a request's head, waiting for its next request included. It may
    /// take half as long again until that is seen.
    pub head: Duration,
    /// How long a connection may live; it ends after the request it is at.
    pub connection: Duration,
    /// How long connections may take to end, at shutdown and after their life.
    pub drain: Duration,
    /// After a connection's life a response under way goes on while the client takes it at least this
    /// fast, in octets a second.
    pub slowest: u32,
    /// How long it may go on so.
    pub response: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2_048,
            connections_per_client: 256,
            loopback: Loopback::Exempt,
            strangers: None,
            head: Duration::from_secs(10),
            connection: Duration::from_secs(120),
            drain: Duration::from_secs(20),
            // 256 kbit/s; the largest CRL, two million entries of 38 octets, takes 40 minutes then.
            slowest: 32 * 1024,
            response: Duration::from_secs(45 * 60),
        }
    }
}

/// Serves `server`, a router for one, on `listener` (TCP or Unix) until `shutdown` is ready; then ends
/// each connection after the request it is at, or after `limits.drain`.
pub async fn serve<L, S>(
    mut listener: L,
    server: S,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) where
    L: Listener<Addr: ClientAddress>,
    S: PerClient,
{
    let mut builder = http1::Builder::new();
    builder
        // [`Progress`] sees to that.
        .header_read_timeout(None)
        // Header fields are 100 at most, as hyper has it: another number costs room on the heap for
        // each request.
        .max_buf_size(MAX_HEAD_BYTES);
    let permits = Arc::new(Semaphore::new(limits.connections));
    let clients = Clients::new(limits.connections_per_client, limits.loopback);
    let mut strangers = limits.strangers.map(Strangers::new);
    let (closing, closed) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            // The semaphore is never closed, so there is always a permit to wait for.
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, (io, address)) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accepted => accepted,
        };
        let client = address.client();
        let trusted = client.and_then(|client| server.trusted(client));
        let Some(place) = clients.admit(client, trusted) else {
            continue;
        };
        let (builder, service, closed) = (builder.clone(), server.service(client), closed.clone());
        let progress = Arc::new(Progress::default());
        let seen = Arc::clone(&progress);
        let task = connections.spawn(async move {
            connection::<_, S>(&builder, io, service, limits, progress, closed).await;
            drop((permit, place));
        });
        if let Some(strangers) = &mut strangers {
            strangers.add(&seen, task, permits.available_permits() == 0);
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    drop(closing);
    let drained = timeout(limits.drain, async {
        while connections.join_next().await.is_some() {}
    });
    if drained.await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "connections cut off at shutdown"
        );
    }
}

async fn connection<Io, S>(
    builder: &http1::Builder,
    io: Io,
    service: S::Service,
    limits: Limits,
    progress: Arc<Progress>,
    mut closed: watch::Receiver<()>,
) where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: PerClient,
{
    let io = Watched::new(io, Arc::clone(&progress));
    let service = Counted::new(service, Arc::clone(&progress), limits.strangers.is_some());
    let mut connection = pin!(builder.serve_connection(TokioIo::new(io), service));
    let end = tokio::select! {
        biased;
        result = connection.as_mut() => return ended(result),
        // Nothing is ever sent: it ends when the server drops its end.
        _ = closed.changed() => End::Shutdown,
        () = sleep(limits.connection) => End::OfLife,
        () = progress.stands_still(limits.head) => {
            tracing::debug!("connection closed: no request came");
            return;
        }
    };
    connection.as_mut().graceful_shutdown();
    let (longest, slowest) = match end {
        End::Shutdown => (limits.drain, None),
        End::OfLife => (limits.response, Some(limits.slowest)),
    };
    tokio::select! {
        biased;
        result = timeout(longest, connection) => {
            if let Ok(result) = result {
                ended(result);
            }
        }
        () = progress.falls_behind(slowest, limits.drain) => {
            tracing::debug!("connection closed: its response was taken too slowly");
        }
        () = progress.stands_still(limits.head) => {
            tracing::debug!("connection closed: its response was not taken");
        }
    }
}

/// Why a connection has to end.
enum End {
    /// The server stops.
    Shutdown,
    /// It has lived long enough.
    OfLife,
}

fn ended(result: hyper::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended");
    }
}
