//! A status server on a loopback port, and the simplest client there is.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::Authority;
use kasane_crl::{Publisher, Schedule};
use kasane_hsm::pool::SystemMonotonicClock;
use kasane_ocsp::Responder;
use kasane_verify::crypto::AwsLc;
use kasane_web::canary::{Canary, CanaryParts};
use kasane_web::feed::Followers;
use kasane_web::server::{Limits, PerClient, serve};
use kasane_web::status::{ClientLimits, Startup, StatusGate, StatusServer, StatusState};
use kasane_web::visibility::{CanarySettings, Endpoint};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::common::{World, world};

pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) address: SocketAddr,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    done: Option<JoinHandle<()>>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

impl Server {
    pub(crate) fn start(limits: Limits) -> Self {
        Self::start_with(limits, ClientLimits::default())
    }

    pub(crate) fn start_with(limits: Limits, client_limits: ClientLimits) -> Self {
        Self::start_on(limits, client_limits, |authority| {
            Responder::new(Arc::clone(authority))
        })
    }

    /// OCSP is answered by whatever `responder` makes.
    pub(crate) fn start_on(
        limits: Limits,
        client_limits: ClientLimits,
        responder: impl FnOnce(&Arc<Authority>) -> Responder,
    ) -> Self {
        let (world, publisher) = world_and_publisher();
        let responder = responder(&world.authority);
        let server = status_server(&world, &publisher, responder, client_limits);
        Self::listen(world, publisher, server, limits)
    }

    /// Behind a gate that is closed, with what is to be served behind it.
    pub(crate) fn starting(startup: &Arc<Startup>) -> (Self, StatusGate, StatusServer) {
        let (world, publisher) = world_and_publisher();
        let responder = Responder::new(Arc::clone(&world.authority));
        let server = status_server(&world, &publisher, responder, ClientLimits::default());
        let gate = StatusGate::new(Arc::clone(startup), Arc::default());
        let starting = Self::listen(world, publisher, gate.clone(), Limits::default());
        (starting, gate, server)
    }

    /// With a canary of its own, which lives when it is told to.
    pub(crate) fn with_canary() -> (Self, Arc<Canary>) {
        let (world, publisher) = world_and_publisher();
        let gate = StatusGate::new(Arc::new(Startup::new("a test")), Arc::default());
        let server = Self::listen(world, publisher, gate.clone(), Limits::default());
        let authority = &server.world.authority;
        let canary = Arc::new(Canary::new(CanaryParts {
            authority: Arc::clone(authority),
            publisher: Arc::clone(&server.publisher),
            endpoints: [Endpoint::own(server.address)].into(),
            followers: Followers::default(),
            settings: CanarySettings {
                enabled: Some(true),
                ..CanarySettings::default()
            },
            clock: server.world.clock.clone(),
            monotonic: Arc::new(SystemMonotonicClock::new()),
            crypto: Arc::new(AwsLc),
            folder: server.world.path.path().to_owned(),
        }));
        let responder = Responder::new(Arc::clone(authority));
        let state = status_state(&server.world, &server.publisher, responder);
        gate.open(StatusServer::new(state.with_canary(Arc::clone(&canary))));
        (server, canary)
    }

    fn listen(
        world: World,
        publisher: Arc<Publisher>,
        server: impl PerClient,
        limits: Limits,
    ) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let done = runtime.spawn(serve(listener, server, limits, async {
            let _ = stopped.await;
        }));
        Self {
            world,
            publisher,
            address,
            runtime,
            stop: Some(stop),
            done: Some(done),
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream
    }

    /// Asks to stop and waits until every connection has ended.
    pub(crate) fn stop(&mut self) {
        self.ask_to_stop();
        self.runtime.block_on(self.done.take().unwrap()).unwrap();
    }

    pub(crate) fn ask_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub(crate) fn wait(&mut self) {
        self.runtime.block_on(self.done.take().unwrap()).unwrap();
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], &[])
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut stream = self.connect();
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: status\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if method == "POST" {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // The server may answer and close before it has read all of a body that is too large.
        let _ = stream.write_all(body);
        read(&mut stream)
    }
}

fn world_and_publisher() -> (World, Arc<Publisher>) {
    let world = world();
    let publisher = Publisher::new(Arc::clone(&world.authority), Schedule::default()).unwrap();
    (world, Arc::new(publisher))
}

fn status_server(
    world: &World,
    publisher: &Arc<Publisher>,
    responder: Responder,
    limits: ClientLimits,
) -> StatusServer {
    let state = status_state(world, publisher, responder);
    StatusServer::new(state.with_client_limits(limits))
}

fn status_state(world: &World, publisher: &Arc<Publisher>, responder: Responder) -> StatusState {
    StatusState::new(
        Arc::clone(&world.authority),
        Arc::clone(publisher),
        Arc::new(responder),
        world.folder.ledger(),
    )
}

pub(crate) fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let result = stream.read_to_end(&mut bytes);
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no head: {result:?} {}", String::from_utf8_lossy(&bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Answer {
        status,
        headers,
        body: bytes[end + 4..].to_vec(),
    }
}
