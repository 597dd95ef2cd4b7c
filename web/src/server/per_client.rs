//! What answers the requests of a connection.

use std::convert::Infallible;

use axum::Router;
use axum::body::HttpBody;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::service::TowerToHyperService;

use super::{Allowance, Client};

/// Makes the service of each connection.
pub trait PerClient: Clone + Send + 'static {
    /// The bodies of its responses.
    type Body: HttpBody<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + Send
        + 'static;
    /// What answers.
    type Service: Service<
            Request<Incoming>,
            Response = Response<Self::Body>,
            Error = Infallible,
            Future: Send,
        > + Send
        + 'static;

    /// The service for a connection of `client`.
    fn service(&self, client: Option<Client>) -> Self::Service;

    /// What `client` may take when it is trusted; none when it is anybody.
    fn trusted(&self, _client: Client) -> Option<Allowance> {
        None
    }
}

/// A router is the same for everybody.
impl PerClient for Router {
    type Body = axum::body::Body;
    type Service = TowerToHyperService<Self>;

    fn service(&self, _client: Option<Client>) -> Self::Service {
        TowerToHyperService::new(self.clone())
    }
}
