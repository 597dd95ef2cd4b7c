//! HTTP as CRLs and OCSP need it: plain, one request per connection, nothing unbounded.
//!
//! Evidence is signed and cached, so connections are rare: none is kept.

mod exchange;
mod freshness;

pub(crate) use freshness::{Freshness, Validators};

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    self, ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_TYPE, HOST, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION, PRAGMA,
    USER_AGENT,
};
use hyper::{HeaderMap, Method, Request, StatusCode};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::cache::Reservation;
use crate::clock::Clock;
use crate::config::FetchConfig;
use crate::error::FetchError;
use crate::target::Target;
use exchange::Exchange;

/// Redirects that are followed.
const MAX_REDIRECTS: u8 = 2;

/// Hosts whose semaphores are kept before unused ones are looked for.
const MAX_HOSTS: usize = 1_024;

const NAME: &str = concat!("kasane-verify-fetch/", env!("CARGO_PKG_VERSION"));

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) target: Target,
    /// The body and its type, when it is a POST.
    pub(crate) post: Option<(Bytes, &'static str)>,
    pub(crate) accept: &'static str,
    /// What is at hand already.
    pub(crate) validators: Validators,
    /// Tells caches between to ask the origin (RFC 9919 §6.2).
    pub(crate) past_caches: bool,
    pub(crate) limit_bytes: usize,
    pub(crate) limit: Duration,
}

/// What came.
#[derive(Debug)]
pub(crate) enum Answer {
    /// What is at hand is still right.
    Unchanged(Freshness),
    /// Something else.
    Body(Vec<u8>, Freshness),
}

/// Turns of hosts and of all requests together.
#[derive(Debug)]
pub(crate) struct Http {
    all: Arc<Semaphore>,
    hosts: Mutex<HashMap<String, Weak<Semaphore>>>,
    host_requests: usize,
}

/// A turn.
pub(crate) struct Permit {
    _host: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Http {
    pub(crate) fn new(config: &FetchConfig) -> Self {
        Self {
            all: Arc::new(Semaphore::new(config.requests)),
            hosts: Mutex::default(),
            host_requests: config.host_requests,
        }
    }

    /// Waits for a turn. A slow host's queue does not take turns from others.
    pub(crate) async fn permit(&self, authority: &str) -> Result<Permit, FetchError> {
        let host = self.host(authority);
        let closed = |_| FetchError::Interrupted;
        let host = host.acquire_owned().await.map_err(closed)?;
        let all = Arc::clone(&self.all)
            .acquire_owned()
            .await
            .map_err(closed)?;
        Ok(Permit {
            _host: host,
            _all: all,
        })
    }

    fn host(&self, authority: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock();
        if let Some(known) = hosts.get(authority).and_then(Weak::upgrade) {
            return known;
        }
        if hosts.len() >= MAX_HOSTS {
            hosts.retain(|_, it| it.strong_count() > 0);
        }
        let new = Arc::new(Semaphore::new(self.host_requests));
        hosts.insert(authority.to_owned(), Arc::downgrade(&new));
        new
    }
}

/// Asks, and follows redirects.
pub(crate) async fn ask(
    ask: &Ask,
    config: &FetchConfig,
    clock: &dyn Clock,
    memory: &mut Reservation,
) -> Result<Answer, FetchError> {
    let end = Instant::now() + ask.limit;
    let mut target = ask.target.clone();
    for _ in 0..=MAX_REDIRECTS {
        let mut exchange = Exchange::connect(&target, config, end).await?;
        let response = exchange
            .send(request(ask, &target)?, end, ask.limit)
            .await?;
        let status = response.status();
        match status {
            StatusCode::OK => {
                is_evidence(response.headers())?;
                let freshness = Freshness::of(response.headers(), clock.now());
                let announced = response
                    .headers()
                    .get(CONTENT_LENGTH)
                    .and_then(|it| it.to_str().ok()?.parse().ok());
                let octets = exchange::body(
                    response.into_body(),
                    announced,
                    ask.limit_bytes,
                    end,
                    ask.limit,
                    memory,
                )
                .await?;
                return Ok(Answer::Body(octets, freshness));
            }
            StatusCode::NOT_MODIFIED if !ask.validators.is_none() => {
                let freshness = Freshness::of(response.headers(), clock.now());
                return Ok(Answer::Unchanged(freshness));
            }
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => {}
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => {
                if ask.post.is_some() {
                    return Err(FetchError::Redirect("it would turn a POST into a GET"));
                }
            }
            _ => return Err(FetchError::Status(status.as_u16())),
        }
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|it| it.to_str().ok())
            .ok_or(FetchError::Redirect("it has no location"))?;
        target = target.follow(location, config)?;
    }
    Err(FetchError::Redirect("there are too many"))
}

fn request(ask: &Ask, target: &Target) -> Result<Request<Full<Bytes>>, FetchError> {
    let (method, body) = match &ask.post {
        Some((body, _)) => (Method::POST, body.clone()),
        None => (Method::GET, Bytes::new()),
    };
    let mut builder = Request::builder()
        .method(method)
        .uri(target.path())
        .header(HOST, target.host_field())
        .header(USER_AGENT, NAME)
        .header(ACCEPT, ask.accept)
        .header(ACCEPT_ENCODING, "identity")
        .header(CONNECTION, "close");
    if let Some((_, content_type)) = &ask.post {
        builder = builder.header(CONTENT_TYPE, *content_type);
    }
    if let Some(etag) = &ask.validators.etag {
        builder = builder.header(IF_NONE_MATCH, etag);
    }
    if let Some(last_modified) = &ask.validators.last_modified {
        builder = builder.header(IF_MODIFIED_SINCE, last_modified);
    }
    if ask.past_caches {
        builder = builder
            .header(CACHE_CONTROL, HeaderValue::from_static("no-cache"))
            .header(PRAGMA, HeaderValue::from_static("no-cache"));
    }
    builder
        .body(Full::new(body))
        .map_err(|error| FetchError::Http(error.to_string()))
}

/// Servers call CRLs and OCSP responses by many names; what is surely something else is refused
/// before it is read.
fn is_evidence(headers: &HeaderMap) -> Result<(), FetchError> {
    let text = |name: header::HeaderName| {
        let value = headers.get(name)?;
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = value.split(';').next().unwrap_or_default().trim();
        Some(
            value
                .chars()
                .take(64)
                .collect::<String>()
                .to_ascii_lowercase(),
        )
    };
    if let Some(coding) = text(CONTENT_ENCODING).filter(|it| !it.is_empty() && it != "identity") {
        return Err(FetchError::ContentCoding(coding));
    }
    if let Some(found) = text(CONTENT_TYPE) {
        let other = ["text/html", "image/", "video/", "audio/", "multipart/"];
        if other.iter().any(|it| found.starts_with(it)) {
            return Err(FetchError::ContentType(found));
        }
    }
    Ok(())
}
