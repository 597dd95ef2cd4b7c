//! The routes of OCSP. Whatever becomes of a request there, its client hears it in its own words
//! (RFC 6960 §4.2.1): HTTP's would only look like a broken responder.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRef, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use kasane_verify::ocsp::OcspResponseStatus;
use tower_http::catch_panic::CatchPanicLayer;

use super::ocsp::{self, without_answer};
use super::{OcspState, REQUEST_SECONDS};

/// - `POST /ocsp` and `GET /ocsp/{base64}` for every issuing CA
/// - `POST /ocsp/{issuer}` and `GET /ocsp/{issuer}/{base64}` for one
pub(super) fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    OcspState: FromRef<S>,
{
    let routes = Router::new()
        .route("/ocsp", post(ocsp::post))
        .route("/ocsp/", post(ocsp::post))
        .route("/ocsp/{*path}", get(ocsp::get).post(ocsp::post));
    guarded(routes, Duration::from_secs(REQUEST_SECONDS))
}

/// The same, with an end after `limit` and after a panic.
fn guarded<S: Clone + Send + Sync + 'static>(routes: Router<S>, limit: Duration) -> Router<S> {
    let in_time = move |request: Request, next: Next| async move {
        match tokio::time::timeout(limit, next.run(request)).await {
            Ok(response) => response,
            Err(_) => {
                tracing::debug!("OCSP request put off: it took too long");
                without_answer(OcspResponseStatus::TryLater)
            }
        }
    };
    routes
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(panicked))
}

fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "OCSP request panicked");
    without_answer(OcspResponseStatus::InternalError)
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    use super::*;

    /// The header fields that count, and the body.
    fn ask(path: &str) -> (u16, String, String, Vec<u8>) {
        let routes = Router::new()
            .route("/late", get(std::future::pending::<Response>))
            .route("/panic", get(|| async { panic!("as meant") as Response }));
        let router = guarded(routes, Duration::from_millis(20)).with_state(());
        let request = Request::get(path).body(Body::empty()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            let answer = TowerToHyperService::new(router).call(request).await;
            let (parts, body) = answer.unwrap().into_parts();
            let field = |name: &str| parts.headers[name].to_str().unwrap().to_owned();
            let body = to_bytes(body, 1_000).await.unwrap();
            let (kind, cache) = (field("content-type"), field("cache-control"));
            (parts.status.as_u16(), kind, cache, body.to_vec())
        })
    }

    #[test]
    fn late_and_panicking_requests_are_told_so_as_ocsp_says_it() {
        for (path, status) in [("/late", 3), ("/panic", 2)] {
            let (code, kind, cache, body) = ask(path);
            assert_eq!(code, 200, "{path}");
            assert_eq!(kind, "application/ocsp-response", "{path}");
            assert_eq!(cache, "no-store", "{path}");
            assert_eq!(body, [0x30, 3, 0x0a, 1, status], "{path}");
        }
    }
}
