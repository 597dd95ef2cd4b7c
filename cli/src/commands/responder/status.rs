//! `kasane responder status`

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use kasane_web::control::{ExitClass, Problem};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::answer::Answer;
use crate::args::Global;
use crate::output::responder;
use crate::responder::folder;

/// Longest answer read.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// How long the edge may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn run(global: &Global, address: Option<SocketAddr>) -> Result<Answer, Problem> {
    let address = address.map_or_else(|| last_address(global), Ok)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| not_reached(address, &error))?;
    let (status, body) = runtime
        .block_on(async { tokio::time::timeout(PATIENCE, fetch(address)).await })
        .map_err(|error| not_reached(address, &error))?
        .map_err(|error| not_reached(address, &*error))?;
    let json: Value =
        serde_json::from_slice(&body).map_err(|error| not_reached(address, &error))?;
    let text = responder::health(&json);
    let refusal = (status != StatusCode::OK).then(|| {
        let (code, message) = if responder::is_starting(&json) {
            let message = "the edge answers nothing yet: its start is under way";
            ("responder.starting", message)
        } else {
            let message = "the edge answers nothing: what it knows is too old, or it has no signer";
            ("responder.silent", message)
        };
        Problem::new(ExitClass::Negative, code, message)
    });
    Ok(Answer {
        json,
        text,
        refusal,
        ..Answer::default()
    })
}

fn last_address(global: &Global) -> Result<SocketAddr, Problem> {
    let path = folder::address_path(&global.dir);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Problem::file("reading where the edge is served from", &path, &error))?;
    text.trim()
        .parse()
        .map_err(|_| Problem::argument(format!("{}: is no address", path.display())))
}

async fn fetch(
    address: SocketAddr,
) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let request = Request::get("/health")
        .header(header::HOST, address.to_string())
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await?
        .to_bytes();
    driver.abort();
    Ok((status, body))
}

fn not_reached(address: SocketAddr, error: &dyn std::error::Error) -> Problem {
    let message = format!("no edge answers at {address}: {error}; is it started?");
    Problem::new(ExitClass::Environment, "responder.not-reached", message)
}
