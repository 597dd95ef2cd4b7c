//! Accepts connections for TLS.

use std::io;
use std::net::SocketAddr;

use axum::serve::Listener;
use tokio::net::TcpListener;

use super::stream::FeedStream;
use super::{FeedKey, FeedLimits};
use crate::server::{ClientAddress, WorkLimit};

/// A listener of the feed. It does no handshake: the server counts connections first.
pub struct FeedListener {
    listener: TcpListener,
    address: SocketAddr,
    key: FeedKey,
    limits: FeedLimits,
    handshakes: WorkLimit,
}

impl FeedListener {
    /// Takes the connections of `listener`.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn new(listener: TcpListener, key: &FeedKey, limits: FeedLimits) -> io::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            key: key.clone(),
            limits,
            handshakes: WorkLimit::new(limits.handshakes),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Listener for FeedListener {
    type Io = FeedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (FeedStream, SocketAddr) {
        loop {
            let (stream, peer) = Listener::accept(&mut self.listener).await;
            if !self.handshakes.admits(peer.client()) {
                tracing::debug!(%peer, "feed: closed, the client begins too many connections");
                continue;
            }
            // Entries are small and must not wait for more of them.
            let _no_delay = stream.set_nodelay(true);
            let limit = self.limits.handshake;
            return (FeedStream::new(&self.key.acceptor(), stream, limit), peer);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl std::fmt::Debug for FeedListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FeedListener({})", self.address)
    }
}
