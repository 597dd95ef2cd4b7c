//! One request, to see that a server answers what it should before it is measured.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::bench::BenchError;

const PATIENCE: Duration = Duration::from_secs(10);

/// The body that `path` gives.
pub(super) fn get(address: SocketAddr, path: &str) -> Result<Vec<u8>, BenchError> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n");
    match end.and_then(|end| answer.get(end + 4..)) {
        Some(body) if answer.starts_with(b"HTTP/1.1 200 ") && !body.is_empty() => Ok(body.to_vec()),
        _ => Err(BenchError::Prepare(format!(
            "{address} does not answer: {}",
            String::from_utf8_lossy(answer.get(..80).unwrap_or(&answer))
        ))),
    }
}
