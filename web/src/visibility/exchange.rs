//! One GET, as a client with limits makes it.

use std::time::Duration;

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AGE, CACHE_CONTROL, HeaderName};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::Seen;

/// A whole exchange; a responder that takes longer is as good as none.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks over connections that it keeps.
#[derive(Clone, Debug)]
pub(super) struct Exchange(Client<HttpConnector, Empty<Bytes>>);

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) address: &'a str,
    /// The media type.
    pub(super) accept: &'static str,
    /// Longest body that is read.
    pub(super) most_bytes: usize,
    /// How long it may take.
    pub(super) limit: Duration,
}

/// What came with status 200.
pub(super) struct Fetched {
    pub(super) body: Bytes,
    /// What a cache says of it.
    pub(super) cached: Option<String>,
}

impl Exchange {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(TIMEOUT));
        connector.set_nodelay(true);
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    /// # Errors
    /// What is seen instead of an answer.
    pub(super) async fn get(&self, wanted: &Wanted<'_>) -> Result<Fetched, Seen> {
        let address = wanted.address;
        let unreachable = |reason: String| Seen::Unreachable { reason };
        let request = Request::builder()
            .method(Method::GET)
            .uri(address)
            .header(ACCEPT, wanted.accept)
            .body(Empty::new())
            .map_err(|error| unreachable(format!("{address}: {error}")))?;
        let exchange = async {
            let answer = self.0.request(request).await.map_err(|error| {
                let cause = std::error::Error::source(&error);
                unreachable(cause.map_or_else(|| error.to_string(), ToString::to_string))
            })?;
            if answer.status() != StatusCode::OK {
                return Err(Seen::Refused {
                    status: answer.status().as_u16(),
                });
            }
            let cached = cached(answer.headers());
            let body = Limited::new(answer.into_body(), wanted.most_bytes);
            let body = body.collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    return too_long(wanted.most_bytes);
                }
                unreachable(error.to_string())
            })?;
            Ok(Fetched {
                body: body.to_bytes(),
                cached,
            })
        };
        tokio::time::timeout(wanted.limit, exchange)
            .await
            .unwrap_or_else(|_| {
                let seconds = wanted.limit.as_secs_f64();
                Err(unreachable(format!("none within {seconds:.1} s")))
            })
    }
}

fn too_long(most_bytes: usize) -> Seen {
    Seen::NotBelieved {
        code: "answer.too-long".to_owned(),
        reason: format!("it has more than {most_bytes} octets"),
    }
}

/// Only a cache states an age (RFC 9111 §5.1).
fn cached(headers: &HeaderMap) -> Option<String> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let age = text(&AGE)?;
    let control = text(&CACHE_CONTROL).unwrap_or("no Cache-Control");
    // What others send goes to a terminal.
    let plain = |text: &str| -> String {
        let shown = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
        shown.take(100).collect()
    };
    Some(format!("age {} s, {}", plain(age), plain(control)))
}
