//! The way to a running service: HTTP/JSON over its socket.

use std::io::ErrorKind;
use std::path::Path;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request as HttpRequest, header};
use hyper_util::rt::TokioIo;
use kasane_web::control::{
    API_VERSION, COMMAND_PATH, Envelope, ExitClass, Problem, Reply, Request, Response, SocketPath,
};
use tokio::net::UnixStream;

/// Largest answer that is read: ten thousand certificates fit.
const MAX_ANSWER_BYTES: usize = 128 * 1024 * 1024;

/// Why there is no answer.
pub(crate) enum Unreachable {
    /// Nobody listens: no service, or it is starting or stopping.
    NotThere,
    /// Somebody listens and did not answer as a service does.
    Broken(Problem),
}

/// Sends a command and waits for its answer.
pub(crate) fn send(
    socket: &Path,
    request: &Request,
) -> Result<Result<Response, Problem>, Unreachable> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| broken(&error.to_string()))?;
    runtime.block_on(exchange(socket, request))
}

async fn exchange(
    socket: &Path,
    request: &Request,
) -> Result<Result<Response, Problem>, Unreachable> {
    let path = SocketPath::of(socket).map_err(|_| Unreachable::NotThere)?;
    let stream = UnixStream::connect(path.as_path())
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => Unreachable::NotThere,
            ErrorKind::PermissionDenied => {
                let message = format!(
                    "{}: only its owner and root may command this service",
                    socket.display()
                );
                Unreachable::Broken(Problem::new(
                    ExitClass::Environment,
                    "socket.denied",
                    message,
                ))
            }
            _ => broken(&error.to_string()),
        })?;
    let failed = |error: hyper::Error| broken(&error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    tokio::spawn(connection);
    let envelope = Envelope {
        version: API_VERSION,
        command: request.clone(),
    };
    let body = serde_json::to_vec(&envelope).map_err(|error| broken(&error.to_string()))?;
    let request = HttpRequest::post(COMMAND_PATH)
        .header(header::HOST, "kasane")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| broken(&error.to_string()))?;
    let answer = sender.send_request(request).await.map_err(failed)?;
    let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await
        .map_err(|error| broken(&error.to_string()))?;
    match serde_json::from_slice(&body.to_bytes()) {
        Ok(Reply::Ok(response)) => Ok(Ok(*response)),
        Ok(Reply::Error(problem)) => Ok(Err(problem)),
        Err(error) => Err(broken(&format!("its answer cannot be read ({error})"))),
    }
}

fn broken(reason: &str) -> Unreachable {
    let message = format!(
        "the service that holds the data folder did not answer: {reason}; see its log. A command \
         that was sent may have been carried out: 'kasane show' and 'kasane list' tell. It is safe to \
         revoke again, and to issue again with --request-key"
    );
    Unreachable::Broken(Problem::new(
        ExitClass::Environment,
        "socket.failed",
        message,
    ))
}
