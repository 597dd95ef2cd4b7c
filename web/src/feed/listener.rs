//! Accepts TLS connections; a slow handshake holds up nobody else.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::server::TlsStream;

use super::FeedKey;

/// Handshakes at a time; further connections wait in the listener's queue.
const HANDSHAKES: usize = 64;

/// How long one may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Pause after the system refused a connection, for want of descriptors most likely.
const REFUSED: Duration = Duration::from_millis(200);

/// A listener of the feed.
#[derive(Debug)]
pub struct FeedListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    accepting: JoinHandle<()>,
}

impl FeedListener {
    /// Listens at `address`.
    ///
    /// # Errors
    /// Those of the operating system.
    pub async fn bind(address: SocketAddr, key: &FeedKey) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (shaken, ready) = mpsc::channel(HANDSHAKES);
        let accepting = tokio::spawn(accept(listener, key.clone(), shaken));
        Ok(Self {
            address,
            ready,
            accepting,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn accept(
    listener: TcpListener,
    key: FeedKey,
    shaken: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let permits = Arc::new(Semaphore::new(HANDSHAKES));
    // The semaphore is never closed.
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "the feed accepts no connection for now");
                sleep(REFUSED).await;
                continue;
            }
        };
        let (acceptor, shaken) = (key.acceptor(), shaken.clone());
        tokio::spawn(async move {
            // Entries are small and must not wait for more of them.
            let _no_delay = stream.set_nodelay(true);
            match timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    let _served = shaken.send((stream, peer)).await;
                }
                Ok(Err(error)) => tracing::debug!(%error, %peer, "feed: no TLS"),
                Err(_) => tracing::debug!(%peer, "feed: the handshake took too long"),
            }
            drop(permit);
        });
    }
}

impl Listener for FeedListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task that accepts ends with this listener only.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Drop for FeedListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
