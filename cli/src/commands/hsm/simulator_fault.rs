//! `kasane hsm simulator-fault`

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use kasane_hsm_simulator::{ControlAddress, Misbehaviour};
use kasane_web::control::{ExitClass, Problem};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::answer::Answer;

/// Tell a running simulator to misbehave
///
/// Example:
///   kasane hsm simulator --state ./simulator --control 127.0.0.1:12346 &
///   kasane hsm simulator-fault 127.0.0.1:12346 '{"do":"drop_sessions"}'
///   kasane hsm simulator-fault 127.0.0.1:12346 '{"do":"delay","milliseconds":200,"command":86,"count":3}'
///   kasane hsm simulator-fault 127.0.0.1:12346 '{"do":"behave"}'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The simulator's --control: an address, or the path of a socket
    control: ControlAddress,
    /// What it shall do, JSON
    #[arg(value_parser = read)]
    misbehaviour: Misbehaviour,
}

/// How long the simulator may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn read(text: &str) -> Result<Misbehaviour, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

pub(super) fn run(args: &Args) -> Result<Answer, Problem> {
    let failed = |reason: String| {
        let message = format!("the simulator's control did not answer: {reason}");
        Problem::new(ExitClass::Environment, "simulator.control", message)
    };
    let body = serde_json::to_vec(&args.misbehaviour).map_err(|it| failed(it.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let asked = async {
        let answer = match &args.control {
            ControlAddress::Port(address) => {
                let stream = TcpStream::connect(address).await;
                exchange(stream.map_err(|it| it.to_string())?, body).await
            }
            ControlAddress::Socket(path) => {
                let stream = UnixStream::connect(path).await;
                exchange(stream.map_err(|it| it.to_string())?, body).await
            }
        };
        answer.map_err(|error| error.to_string())
    };
    let said = runtime
        .block_on(async { tokio::time::timeout(PATIENCE, asked).await })
        .map_err(|_| failed("no answer in time".to_owned()))?
        .map_err(failed)?;
    let said: Value = serde_json::from_slice(&said).unwrap_or_default();
    if said["done"] == true {
        return Ok(Answer {
            json: json!({ "done": true }),
            text: "done\n".to_owned(),
            notes: String::new(),
            refusal: None,
        });
    }
    let reason = said["error"]
        .as_str()
        .unwrap_or("its answer cannot be read");
    let message = format!("the simulator refuses: {reason}");
    Err(Problem::new(
        ExitClass::Refused,
        "simulator.refused",
        message,
    ))
}

async fn exchange<S>(stream: S, body: Vec<u8>) -> Result<Bytes, BoxError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let request = Request::post("/misbehave")
        .header(header::HOST, "simulator")
        .body(Full::new(Bytes::from(body)))?;
    let answer = sender.send_request(request).await?;
    let bytes = Limited::new(answer.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await?
        .to_bytes();
    driver.abort();
    Ok(bytes)
}
