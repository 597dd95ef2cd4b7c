//! The status server of an authority in this process, at the address that its certificates name.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use kasane_ca_core::Authority;
use kasane_crl::Publisher;
use kasane_ocsp::Responder;
use kasane_web::server::{Limits, serve};
use kasane_web::status::{StatusServer, StatusState};
use tokio::runtime::Runtime;

/// An address that is taken already.
#[derive(Debug)]
pub struct StatusAddress(TcpListener);

/// Serves until dropped.
#[derive(Debug)]
pub struct StatusListener {
    /// Where.
    pub address: SocketAddr,
    _runtime: Runtime,
}

impl StatusAddress {
    /// A free one of loopback.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn take() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// The `status_url` of a script.
    ///
    /// # Panics
    /// When the socket has no address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    /// Serves what these have; `ledger` is the ledger's folder.
    ///
    /// # Panics
    /// When no thread can be started.
    #[must_use]
    pub fn serve(
        self,
        authority: &Arc<Authority>,
        publisher: &Arc<Publisher>,
        responder: &Arc<Responder>,
        ledger: PathBuf,
    ) -> StatusListener {
        let address = self.0.local_addr().unwrap();
        let state = StatusState::new(
            Arc::clone(authority),
            Arc::clone(publisher),
            Arc::clone(responder),
            ledger,
        );
        let runtime = Runtime::new().unwrap();
        self.0.set_nonblocking(true).unwrap();
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(self.0).unwrap()
        };
        let server = StatusServer::new(state);
        runtime.spawn(serve(
            listener,
            server,
            Limits::default(),
            std::future::pending(),
        ));
        StatusListener {
            address,
            _runtime: runtime,
        }
    }
}
