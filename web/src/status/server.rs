//! The status server: OCSP responses that are kept go out at once; the router does the rest.
//!
//! Nearly every request is for an OCSP response that is signed already. Such a request waits for no
//! thread, no lock that is held for long and no disk; what it finds is octets.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use kasane_ocsp::{OcspPath, decode_get};
use kasane_verify::ocsp::OcspResponseStatus;

use super::body::StatusBody;
use super::ocsp::{REQUEST_TYPE, address, answer_post, represent, without_answer};
use super::{EdgeState, OcspState, REQUEST_SECONDS, StatusState, edge, router};
use crate::server::{Allowance, Client, PerClient};

/// Longest body that may be that of a plain request: a longer one goes to the router.
const PLAIN_BYTES: u64 = 512;

/// Serves status.
#[derive(Clone, Debug)]
pub struct StatusServer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ocsp: OcspState,
    router: Router,
}

/// Answers the requests of one connection.
#[derive(Clone, Debug)]
pub struct StatusService {
    shared: Arc<Shared>,
    client: Option<Client>,
}

/// A response to come.
pub enum StatusReply {
    /// It was at hand; none once it was given.
    Ready(Option<Response<StatusBody>>),
    /// It has to be waited for.
    Later(Pin<Box<dyn Future<Output = Response<StatusBody>> + Send>>),
}

impl StatusServer {
    /// A server that answers from `state`.
    #[must_use]
    pub fn new(state: StatusState) -> Self {
        let ocsp = state.ocsp.clone();
        let router = router(state);
        Self(Arc::new(Shared { ocsp, router }))
    }

    /// A server at an edge.
    #[must_use]
    pub fn at_edge(state: EdgeState) -> Self {
        let ocsp = state.ocsp.clone();
        let router = edge::router(state);
        Self(Arc::new(Shared { ocsp, router }))
    }
}

impl PerClient for StatusServer {
    type Body = StatusBody;
    type Service = StatusService;

    fn service(&self, client: Option<Client>) -> StatusService {
        StatusService {
            shared: Arc::clone(&self.0),
            client,
        }
    }

    fn trusted(&self, client: Client) -> Option<Allowance> {
        self.0.ocsp.trusted.allowance(client)
    }
}

impl Service<Request<Incoming>> for StatusService {
    type Response = Response<StatusBody>;
    type Error = Infallible;
    type Future = StatusReply;

    fn call(&self, mut request: Request<Incoming>) -> StatusReply {
        // The answer to HEAD is that to GET: hyper keeps its body back.
        if matches!(*request.method(), Method::GET | Method::HEAD)
            && let Some(response) = self.shared.prepared_get(&mut request)
        {
            return StatusReply::Ready(Some(response));
        }
        let service = self.clone();
        StatusReply::Later(if is_plain_post(&request) {
            Box::pin(service.post(request))
        } else {
            Box::pin(service.route(request.map(Body::new)))
        })
    }
}

impl StatusService {
    /// Reads a short body and looks for what is kept; what is not has to be waited for.
    async fn post(self, request: Request<Incoming>) -> Response<StatusBody> {
        let (mut parts, body) = request.into_parts();
        let limit = Duration::from_secs(REQUEST_SECONDS);
        let body = match tokio::time::timeout(limit, body.collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) => {
                tracing::debug!(%error, "OCSP request ended before its end");
                return refused(OcspResponseStatus::MalformedRequest);
            }
            Err(_) => return refused(OcspResponseStatus::TryLater),
        };
        if let Some(response) = self.shared.prepared_post(&mut parts, &body) {
            return response;
        }
        let ocsp = &self.shared.ocsp;
        let path = address(ocsp, parts.uri.path()).filter(|path| path.request.is_empty());
        let Some(path) = path else {
            return self
                .route(Request::from_parts(parts, Body::from(body)))
                .await;
        };
        let answer = answer_post(ocsp, self.client, path.issuer, body);
        match tokio::time::timeout(limit, answer).await {
            Ok(response) => response.map(StatusBody::Routed),
            Err(_) => refused(OcspResponseStatus::TryLater),
        }
    }

    async fn route(self, mut request: Request<Body>) -> Response<StatusBody> {
        if let Some(client) = self.client {
            request.extensions_mut().insert(client);
        }
        let router = TowerToHyperService::new(self.shared.router.clone());
        match router.call(request).await {
            Ok(response) => response.map(StatusBody::Routed),
            Err(never) => match never {},
        }
    }
}

impl Shared {
    /// What is kept; the request's fields are used up then.
    fn prepared_get<B>(&self, request: &mut Request<B>) -> Option<Response<StatusBody>> {
        let path = OcspPath::parse(request.uri().path())?;
        let asked = decode_get(path.request).ok()?;
        let now = self.ocsp.source().now();
        let response = self.ocsp.responder.prepared(path.issuer, &asked, now)?;
        let representation = represent(response, now).ok()?;
        let fields = std::mem::take(request.headers_mut());
        Some(representation.answer(fields).map(whole))
    }

    /// The same.
    fn prepared_post(&self, parts: &mut Parts, body: &[u8]) -> Option<Response<StatusBody>> {
        let path = OcspPath::parse(parts.uri.path()).filter(|path| path.request.is_empty())?;
        let now = self.ocsp.source().now();
        let response = self.ocsp.responder.prepared(path.issuer, body, now)?;
        let representation = represent(response, now).ok()?;
        let fields = std::mem::take(&mut parts.headers);
        Some(representation.whole(fields).map(whole))
    }
}

impl Future for StatusReply {
    type Output = Result<Response<StatusBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Ready(response) => response
                .take()
                .map_or(Poll::Pending, |it| Poll::Ready(Ok(it))),
            Self::Later(future) => future.as_mut().poll(context).map(Ok),
        }
    }
}

impl std::fmt::Debug for StatusReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ready(_) => "StatusReply::Ready",
            Self::Later(_) => "StatusReply::Later",
        })
    }
}

/// Whether it is a POST that may be answered without the router, as far as its head tells. What
/// looks different is judged by the router.
fn is_plain_post(request: &Request<Incoming>) -> bool {
    *request.method() == Method::POST
        && request.uri().path().starts_with("/ocsp")
        && request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes() == REQUEST_TYPE.as_bytes())
        && request
            .body()
            .size_hint()
            .exact()
            .is_some_and(|length| length <= PLAIN_BYTES)
}

fn whole(body: Bytes) -> StatusBody {
    StatusBody::Whole(Full::new(body))
}

fn refused(status: OcspResponseStatus) -> Response<StatusBody> {
    without_answer(status).map(StatusBody::Routed)
}
