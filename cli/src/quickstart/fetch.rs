//! A plain HTTP client for the status service: the demonstration asks as a relying system would.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::QuickstartError;

/// Longest answer read: a CRL of the demonstration has a few hundred bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends one request to `address`; `body` makes it a POST of that media type.
pub(super) async fn fetch(
    address: SocketAddr,
    path: &str,
    body: Option<(&str, Vec<u8>)>,
) -> Result<Vec<u8>, QuickstartError> {
    let failed = |reason: String| QuickstartError::Status {
        path: path.to_owned(),
        reason,
    };
    let asked = async {
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| failed(error.to_string()))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| failed(error.to_string()))?;
        let driver = tokio::spawn(connection);
        let mut request = Request::builder()
            .uri(path)
            .header("host", address.to_string());
        let content = match body {
            Some((media_type, content)) => {
                request = request.method("POST").header("content-type", media_type);
                content
            }
            None => Vec::new(),
        };
        let request = request
            .body(Full::new(Bytes::from(content)))
            .map_err(|error| failed(error.to_string()))?;
        let answer = sender
            .send_request(request)
            .await
            .map_err(|error| failed(error.to_string()))?;
        if !answer.status().is_success() {
            return Err(failed(answer.status().to_string()));
        }
        let bytes = Limited::new(answer.into_body(), MAX_ANSWER_BYTES)
            .collect()
            .await
            .map_err(|error| failed(error.to_string()))?
            .to_bytes();
        driver.abort();
        Ok(bytes.to_vec())
    };
    tokio::time::timeout(PATIENCE, asked)
        .await
        .map_err(|_| failed("no answer in time".to_owned()))?
}
