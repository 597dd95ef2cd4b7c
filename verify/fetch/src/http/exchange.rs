//! One request on one connection.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::cache::Reservation;
use crate::config::{FetchConfig, Hosts};
use crate::error::{CONNECTION, FetchError};
use crate::target::{Target, is_of_network};

/// Longest head of an answer.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// Most header fields of an answer.
const MAX_HEADERS: usize = 64;

/// Most addresses of a host that are tried.
const MAX_ADDRESSES: usize = 8;

/// First size of the buffer of a body.
const FIRST_BYTES: usize = 16 * 1024;

/// A connection for one request. It ends when this is dropped.
pub(super) struct Exchange {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: JoinHandle<()>,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Exchange {
    pub(super) async fn connect(
        target: &Target,
        config: &FetchConfig,
        end: Instant,
    ) -> Result<Self, FetchError> {
        let limit = config.connect_timeout;
        let stream = timeout_at(end.min(Instant::now() + limit), open(target, config))
            .await
            .map_err(|_| FetchError::Timeout {
                what: CONNECTION,
                limit,
            })??;
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(http)?;
        let driver = tokio::spawn(async move {
            // The request's own error says what went wrong.
            let _ = connection.await;
        });
        Ok(Self { sender, driver })
    }

    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        end: Instant,
        limit: Duration,
    ) -> Result<Response<Incoming>, FetchError> {
        timeout_at(end, self.sender.send_request(request))
            .await
            .map_err(|_| FetchError::Timeout {
                what: "answer",
                limit,
            })?
            .map_err(http)
    }
}

/// Reads a body of at most `limit_bytes`, in memory that the budget has.
pub(super) async fn body(
    mut body: Incoming,
    announced_bytes: Option<u64>,
    limit_bytes: usize,
    end: Instant,
    limit: Duration,
    memory: &mut Reservation,
) -> Result<Vec<u8>, FetchError> {
    let too_large = FetchError::TooLarge { limit_bytes };
    let announced = match announced_bytes.map(usize::try_from) {
        None => limit_bytes,
        Some(Ok(announced)) if announced <= limit_bytes => announced,
        Some(_) => return Err(too_large),
    };
    let mut octets = Vec::new();
    loop {
        let frame = timeout_at(end, body.frame())
            .await
            .map_err(|_| FetchError::Timeout {
                what: "whole answer",
                limit,
            })?;
        let Some(frame) = frame else {
            return Ok(octets);
        };
        let Ok(data) = frame.map_err(http)?.into_data() else {
            continue;
        };
        let needed = octets.len().saturating_add(data.len());
        if needed > limit_bytes {
            return Err(too_large);
        }
        if needed > octets.capacity() {
            // Announced lengths are believed as far as octets came: half of it at most is idle.
            let doubled = octets.capacity().saturating_mul(2).max(FIRST_BYTES);
            let capacity = doubled.min(announced).max(needed);
            memory.grow(capacity.saturating_sub(octets.capacity()))?;
            octets
                .try_reserve_exact(capacity.saturating_sub(octets.len()))
                .map_err(|_| FetchError::Memory {
                    limit_bytes: capacity,
                })?;
        }
        octets.extend_from_slice(&data);
    }
}

async fn open(target: &Target, config: &FetchConfig) -> Result<TcpStream, FetchError> {
    let mut last = None;
    for address in addresses(target).await? {
        if config.hosts == Hosts::Network && !is_of_network(address.ip()) {
            last = Some(FetchError::Forbidden {
                host: target.host().to_owned(),
                address: address.ip(),
            });
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Requests are one small write: waiting for more would only cost time.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => {
                last = Some(FetchError::Connect {
                    host: target.authority(),
                    reason: error.kind().to_string(),
                });
            }
        }
    }
    Err(last.unwrap_or_else(|| FetchError::Resolve {
        host: target.host().to_owned(),
        reason: "it has no address".to_owned(),
    }))
}

async fn addresses(target: &Target) -> Result<Vec<SocketAddr>, FetchError> {
    if let Some(address) = target.literal() {
        return Ok(vec![SocketAddr::new(address, target.port())]);
    }
    let found = tokio::net::lookup_host((target.host(), target.port())).await;
    let found = found.map_err(|error| FetchError::Resolve {
        host: target.host().to_owned(),
        reason: error.to_string(),
    })?;
    Ok(found.take(MAX_ADDRESSES).collect())
}

fn http(error: hyper::Error) -> FetchError {
    let text = match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    FetchError::Http(text)
}
