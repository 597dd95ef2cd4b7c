//! The listener for status, which is there before what it answers from.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kasane_web::control::{ExitClass, Problem};
use kasane_web::server::{self, Limits, Trusted};
use kasane_web::status::{Startup, StatusGate, StatusServer};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::serve::environment;

/// How long a stop waits for work that blocks.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// A bound listener that answers, and the runtime of the service behind it.
pub(crate) struct Front {
    address: SocketAddr,
    gate: StatusGate,
    startup: Arc<Startup>,
    stop: watch::Sender<bool>,
    parts: Vec<JoinHandle<()>>,
    runtime: Runtime,
}

impl Front {
    /// Listens at `listen`, and says from here on that the start is under way.
    pub(crate) fn bind(
        listen: SocketAddr,
        limits: Limits,
        trusted: Arc<Trusted>,
    ) -> Result<Self, Problem> {
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| environment("service.runtime", &error))?;
        let listener = runtime
            .block_on(TcpListener::bind(listen))
            .map_err(|error| {
                let message = format!(
                    "listening on {listen} failed: {error}; choose another address with --listen"
                );
                Problem::new(ExitClass::Environment, "service.listen", message)
            })?;
        let address = listener.local_addr().unwrap_or(listen);
        let startup = Arc::new(Startup::new("opening the keys"));
        let gate = StatusGate::new(Arc::clone(&startup), trusted);
        let (stop, stopped) = watch::channel(false);
        let serving = server::serve(listener, gate.clone(), limits, until(stopped));
        let parts = vec![runtime.spawn(serving)];
        tracing::info!(%address, "listening; OCSP says 'try later' until the start is done");
        Ok(Self {
            address,
            gate,
            startup,
            stop,
            parts,
            runtime,
        })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it says of the start.
    pub(crate) fn startup(&self) -> &Startup {
        &self.startup
    }

    /// The start is done: `server` answers.
    pub(crate) fn open(&self, server: StatusServer) {
        self.gate.open(server);
    }

    /// Turns true when the service is to stop.
    pub(crate) fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// The runtime, for those who block outside of it.
    pub(crate) fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Runs another part of the service, which ends when it [is stopped](Self::stopped).
    pub(crate) fn spawn(&mut self, part: impl Future<Output = ()> + Send + 'static) {
        self.parts.push(self.runtime.spawn(part));
    }

    /// Stops listening, lets requests at work finish, and waits for the parts; the runtime goes on.
    pub(crate) fn stop(&mut self) {
        // The receivers are gone when the service ended already.
        let _told = self.stop.send(true);
        for part in self.parts.drain(..) {
            if self.runtime.block_on(part).is_err() {
                tracing::error!("the service panicked; the next start recovers");
            }
        }
    }

    /// Ends what still blocks.
    pub(crate) fn shut_down(self) {
        self.runtime.shutdown_timeout(STOP_TIMEOUT);
    }
}

/// Ready when the service is to stop.
pub(crate) async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that whoever could stop us is gone.
    let _told = stopped.wait_for(|stop| *stop).await;
}
