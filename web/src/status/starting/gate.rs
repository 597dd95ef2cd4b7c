//! One listener, two services one after the other: no port is closed in between, no connection lost.

use std::cell::OnceCell;
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::{Startup, answers};
use crate::server::{Allowance, Client, PerClient, Trusted};
use crate::status::{StatusBody, StatusReply, StatusServer, StatusService};

/// Says that the start is under way, until it is opened; then status is served.
#[derive(Clone, Debug)]
pub struct StatusGate(Arc<Gate>);

#[derive(Debug)]
struct Gate {
    starting: Router,
    started: OnceLock<StatusServer>,
    trusted: Arc<Trusted>,
}

/// Answers the requests of one connection.
#[derive(Debug)]
pub struct GateService {
    gate: Arc<Gate>,
    client: Option<Client>,
    /// The service of this connection from its first request after the start on.
    started: OnceCell<StatusService>,
}

impl StatusGate {
    /// A closed gate, which tells how far `startup` is. Who is `trusted` has his connections from the
    /// first moment on.
    #[must_use]
    pub fn new(startup: Arc<Startup>, trusted: Arc<Trusted>) -> Self {
        Self(Arc::new(Gate {
            starting: answers::router(startup),
            started: OnceLock::new(),
            trusted,
        }))
    }

    /// From here on each request is answered by `server`, also on connections that are there already.
    /// A gate is opened once; another server is dropped.
    pub fn open(&self, server: StatusServer) {
        let _opened_before = self.0.started.set(server);
    }
}

impl PerClient for StatusGate {
    type Body = StatusBody;
    type Service = GateService;

    fn service(&self, client: Option<Client>) -> GateService {
        GateService {
            gate: Arc::clone(&self.0),
            client,
            started: OnceCell::new(),
        }
    }

    fn trusted(&self, client: Client) -> Option<Allowance> {
        self.0.trusted.allowance(client)
    }
}

impl Service<Request<Incoming>> for GateService {
    type Response = Response<StatusBody>;
    type Error = Infallible;
    type Future = StatusReply;

    fn call(&self, request: Request<Incoming>) -> StatusReply {
        if let Some(service) = self.started.get() {
            return service.call(request);
        }
        match self.gate.started.get() {
            Some(server) => self
                .started
                .get_or_init(|| server.service(self.client))
                .call(request),
            None => self.not_yet(request),
        }
    }
}

impl GateService {
    fn not_yet(&self, request: Request<Incoming>) -> StatusReply {
        let router = TowerToHyperService::new(self.gate.starting.clone());
        let answer = router.call(request.map(Body::new));
        StatusReply::Later(Box::pin(async move {
            match answer.await {
                Ok(response) => response.map(StatusBody::Routed),
                Err(never) => match never {},
            }
        }))
    }
}
