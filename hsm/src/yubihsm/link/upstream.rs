//! The connector's side of the relay.

use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use ureq::http::Uri;

/// Longest answer that is read, in bytes: a device's frame has at most 3,136.
const MAX_ANSWER_BYTES: u64 = 4096;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);

/// `yubihsm-connector` at its one address.
pub(super) struct Upstream {
    agent: ureq::Agent,
    address: String,
}

/// Why there is no answer.
pub(super) enum Failure {
    /// Nothing was sent.
    NotSent(String),
    /// Something was sent, or may have been.
    NoAnswer { timed_out: bool, reason: String },
}

impl Upstream {
    /// `connector` is `http://ADDRESS:PORT`, and nothing more.
    pub(super) fn new(connector: &str) -> Result<Self, String> {
        let refuse = || format!("connector {connector:?}: write \"http://ADDRESS:PORT\"");
        let uri: Uri = connector.parse().map_err(|_| refuse())?;
        let authority = uri.authority().ok_or_else(refuse)?;
        let plain = uri.scheme_str() == Some("http")
            && authority.port_u16().is_some()
            && !authority.as_str().contains('@')
            && uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        if !plain {
            return Err(refuse());
        }
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .max_response_header_size(4096)
            .max_idle_connections(1)
            .max_idle_connections_per_host(1)
            .user_agent(concat!("kasane/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            agent: ureq::Agent::new_with_config(config),
            address: format!("http://{authority}"),
        })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// A frame to the device, its answer back.
    pub(super) fn command(&self, frame: &[u8], limit: Duration) -> Result<Vec<u8>, Failure> {
        if limit.is_zero() {
            return Err(Failure::NotSent("no time was left".to_owned()));
        }
        let sent = self
            .agent
            .post(format!("{}/connector/api", self.address))
            .content_type("application/octet-stream")
            .config()
            .timeout_global(Some(limit))
            .timeout_connect(Some(limit.min(CONNECT)))
            .build()
            .send(frame);
        read(sent)
    }

    /// What the connector says of itself: lines `name=value`.
    pub(super) fn status(&self, limit: Duration) -> Result<String, Failure> {
        let sent = self
            .agent
            .get(format!("{}/connector/status", self.address))
            .config()
            .timeout_global(Some(limit))
            .timeout_connect(Some(limit.min(CONNECT)))
            .build()
            .call();
        read(sent).map(|octets| String::from_utf8_lossy(&octets).into_owned())
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn read(sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, Failure> {
    let mut answer = sent.map_err(failure)?;
    if answer.status() != 200 {
        return Err(Failure::NoAnswer {
            timed_out: false,
            reason: format!("the connector answers {}", answer.status()),
        });
    }
    answer
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER_BYTES)
        .read_to_vec()
        .map_err(|error| match failure(error) {
            Failure::NotSent(reason) => Failure::NoAnswer {
                timed_out: false,
                reason,
            },
            lost @ Failure::NoAnswer { .. } => lost,
        })
}

/// Only what can come from nowhere but the attempt to connect counts as not sent. An unreachable
/// host, for one, is also seen by connections that were established.
fn failure(error: ureq::Error) -> Failure {
    use ureq::{Error, Timeout};
    let reason = error.to_string();
    match error {
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::BadUri(_)
        | Error::Timeout(Timeout::Connect | Timeout::Resolve) => Failure::NotSent(reason),
        Error::Io(io) if io.kind() == ErrorKind::ConnectionRefused => Failure::NotSent(reason),
        Error::Timeout(_) => Failure::NoAnswer {
            timed_out: true,
            reason,
        },
        _ => Failure::NoAnswer {
            timed_out: false,
            reason,
        },
    }
}
