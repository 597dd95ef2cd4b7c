//! The servers of this process, each on one processor in a runtime like the service's.

use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use kasane_crl::{Publisher, Schedule};
use kasane_ocsp::Responder;
use kasane_web::server::{Limits, serve};
use kasane_web::status::{StatusServer, StatusState};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::load::bind_to;
use crate::bench::BenchError;
use crate::bench::sample::Sample;

/// Longer than any measurement.
const FOREVER: Duration = Duration::from_secs(24 * 3_600);

type Serving = Pin<Box<dyn Future<Output = ()>>>;

/// A running server. Ends when dropped.
#[derive(Debug)]
pub(in crate::bench) struct Served {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// The status server of `sample`, as `kasane serve` runs it, but that a connection may live as
    /// long as a measurement.
    pub(in crate::bench) fn status(sample: &Sample, core: usize) -> Result<Self, BenchError> {
        let authority = &sample.authority;
        let responder = Arc::new(Responder::new(Arc::clone(authority)));
        let rolled = responder.ensure_signers(authority.now());
        if let Some(failed) = rolled.failed.into_iter().next() {
            return Err(failed.error.into());
        }
        let publisher = Publisher::new(Arc::clone(authority), Schedule::default())?;
        let state = StatusState::new(
            Arc::clone(authority),
            Arc::new(publisher),
            responder,
            sample.folder.ledger(),
        );
        let server = StatusServer::new(state);
        let limits = Limits {
            connection: FOREVER,
            ..Limits::default()
        };
        Self::start(core, move |listener, stopped| {
            Box::pin(serve(listener, server, limits, async {
                // Dropped or told: the end either way.
                let _told = stopped.await;
            }))
        })
    }

    /// hyper alone, which answers every request with `octets`.
    pub(in crate::bench) fn bare(octets: Vec<u8>, core: usize) -> Result<Self, BenchError> {
        let octets = Bytes::from(octets);
        Self::start(core, move |listener, stopped| {
            Box::pin(async move {
                tokio::select! {
                    () = answer_all(listener, octets) => {}
                    _ = stopped => {}
                }
            })
        })
    }

    fn start(
        core: usize,
        serving: impl FnOnce(TcpListener, oneshot::Receiver<()>) -> Serving + Send + 'static,
    ) -> Result<Self, BenchError> {
        let (stop, stopped) = oneshot::channel();
        let (bound, binding) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().spawn(move || {
            let run = || -> std::io::Result<()> {
                bind_to(core)?;
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .enable_all()
                    .build()?;
                runtime.block_on(async {
                    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                    // The starter waits for exactly this.
                    let _told = bound.send(listener.local_addr());
                    serving(listener, stopped).await;
                    std::io::Result::Ok(())
                })?;
                runtime.shutdown_background();
                Ok(())
            };
            if let Err(error) = run() {
                tracing::error!(%error, "a server of the benchmark ended");
            }
        })?;
        let address = binding
            .recv()
            .map_err(|_| BenchError::Prepare("a server does not start".into()))??;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(in crate::bench) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What it panicked about was printed.
            let _ended = thread.join();
        }
    }
}

async fn answer_all(listener: TcpListener, octets: Bytes) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        let octets = octets.clone();
        let service = service_fn(move |_: Request<Incoming>| {
            let mut response = Response::new(Full::new(octets.clone()));
            let content_type = HeaderValue::from_static("application/ocsp-response");
            response.headers_mut().insert(CONTENT_TYPE, content_type);
            std::future::ready(Ok::<_, Infallible>(response))
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
