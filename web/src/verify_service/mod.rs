//! Verification over HTTP and JSON, for systems that cannot link `verify`. Holds no keys and no
//! records: anchors, a dated policy and CRLs go in, verdicts come out. For a loopback address or a
//! Unix socket; it authenticates nobody and its answers are not signed.

mod answer;
mod body;
mod evidence;
mod guard;
mod handlers;
mod openapi;
mod problem;
mod question;
mod service;
mod socket;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

pub use service::{Service, ServiceLimits, ServiceParts};
pub use socket::PrivateSocket;

/// The routes:
///
/// - `POST /v1/verify`: is this chain trusted, for that, now
/// - `POST /v1/explain`: the same, with everything that was tried
/// - `GET /v1/health`: what the service works with
/// - `GET /openapi.json`: this interface, for machines
pub fn router(service: Arc<Service>) -> Router {
    let limits = service.limits();
    Router::new()
        .route("/v1/verify", post(handlers::verify))
        .route("/v1/explain", post(handlers::explain))
        .route("/v1/health", get(handlers::health))
        .route("/openapi.json", get(openapi::document))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(middleware::from_fn(guard::local_host_only))
        .layer(middleware::from_fn_with_state(limits, guard::in_time))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .with_state(service)
}
