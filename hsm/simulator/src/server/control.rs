//! Misbehaviour over HTTP and JSON: `POST /misbehave`, `GET /status`.

use std::convert::Infallible;

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};

use super::engine::Engine;
use crate::fault::Misbehaviour;

const BODY_LIMIT_BYTES: usize = 64 * 1024;

/// One wish or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wishes {
    Many(Vec<Misbehaviour>),
    One(Misbehaviour),
}

/// Serves a connection until it ends.
pub(super) async fn serve<S>(engine: Engine, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| {
        let engine = engine.clone();
        async move { Ok::<_, Infallible>(answer(&engine, request).await) }
    });
    // Whatever ended the connection, nobody is left to be told.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(engine: &Engine, request: Request<Incoming>) -> Response<Full<Bytes>> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/status") => match engine.status().await {
            Some(status) => json_response(StatusCode::OK, &json!(status)),
            None => refused(StatusCode::SERVICE_UNAVAILABLE, "the device has ended"),
        },
        (&Method::POST, "/misbehave") => misbehave(engine, request).await,
        _ => refused(
            StatusCode::NOT_FOUND,
            "no such page: there are GET /status and POST /misbehave",
        ),
    }
}

async fn misbehave(engine: &Engine, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let body = Limited::new(request.into_body(), BODY_LIMIT_BYTES);
    let Ok(body) = body.collect().await else {
        return refused(StatusCode::BAD_REQUEST, "the body is too long or broken");
    };
    let body = body.to_bytes();
    let wishes = match serde_json::from_slice(&body) {
        Ok(Wishes::Many(wishes)) => wishes,
        Ok(Wishes::One(wish)) => vec![wish],
        // Read again for a telling error.
        Err(_) => match serde_json::from_slice::<Misbehaviour>(&body) {
            Ok(wish) => vec![wish],
            Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
        },
    };
    for wish in wishes {
        if let Err(reason) = engine.wish(wish).await {
            return refused(StatusCode::CONFLICT, &reason);
        }
    }
    json_response(StatusCode::OK, &json!({"done": true}))
}

fn refused(status: StatusCode, reason: &str) -> Response<Full<Bytes>> {
    json_response(status, &json!({"error": reason}))
}

fn json_response(status: StatusCode, value: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(format!("{value}\n")));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
