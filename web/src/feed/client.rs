//! The edge's side of the feed.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderValue, Method, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use kasane_ca_core::Error;
use kasane_ca_core::follower::{
    Ask, Enrolment, Feed, FeedError, MAX_PAGE_BYTES, Page, SignerRequest,
};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::tls::{connector, is_wrong_peer};
use super::wire::{
    Counts, ENTRIES_PATH, MAX_BODY_BYTES, Refusal, SIGNATURES_PATH, SIGNERS_PATH, SignerGiven,
    SignerOrder,
};

/// How long a connection may take, its handshake included.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an answer may take beyond what was asked to be waited.
const ANSWER: Duration = Duration::from_secs(15);

/// The same where keys sign: a device's deadline, and a checkpoint's.
const SIGNED_ANSWER: Duration = Duration::from_secs(75);

type Sender = SendRequest<Full<Bytes>>;

/// A client of one authority's feed. Blocks; to be used outside of the runtime's own threads.
pub struct FeedClient {
    address: String,
    authorization: HeaderValue,
    connector: TlsConnector,
    runtime: Handle,
    /// The connection on which pages come.
    pages: Mutex<Option<Sender>>,
}

impl FeedClient {
    /// For the edge of that enrolment, known by `token`.
    ///
    /// # Errors
    /// [`Error::BadArgument`] when one of both cannot be used.
    pub fn new(
        enrolment: &Enrolment,
        token: &Zeroizing<String>,
        runtime: Handle,
    ) -> Result<Self, Error> {
        let bad = |reason: String| Error::BadArgument {
            what: "enrolment",
            reason,
        };
        let text = Zeroizing::new(format!("Bearer {}:{}", enrolment.name, token.as_str()));
        let mut authorization =
            HeaderValue::from_str(&text).map_err(|error| bad(error.to_string()))?;
        authorization.set_sensitive(true);
        Ok(Self {
            address: enrolment.feed.clone(),
            authorization,
            connector: connector(enrolment.feed_key()?).map_err(|error| bad(error.to_string()))?,
            runtime,
            pages: Mutex::new(None),
        })
    }

    async fn connect(&self) -> Result<Sender, FeedError> {
        let connecting = async {
            let stream = TcpStream::connect(&self.address)
                .await
                .map_err(|error| unreachable(&error))?;
            let _no_delay = stream.set_nodelay(true);
            // The key is the name; this one is not sent.
            let name = ServerName::try_from("feed.invalid").map_err(|error| unreachable(&error))?;
            let stream = self
                .connector
                .connect(name, stream)
                .await
                .map_err(|error| match is_wrong_peer(&error) {
                    true => FeedError::WrongPeer,
                    false => unreachable(&error),
                })?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream))
                .await
                .map_err(|error| unreachable(&error))?;
            tokio::spawn(connection);
            Ok(sender)
        };
        timeout(CONNECT, connecting)
            .await
            .unwrap_or_else(|_| Err(late("connecting")))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Request<Full<Bytes>>, FeedError> {
        Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.address)
            .header(AUTHORIZATION, &self.authorization)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| malformed(&error))
    }

    async fn exchange(
        sender: &mut Sender,
        request: Request<Full<Bytes>>,
        limit: Duration,
        most_bytes: usize,
    ) -> Result<Bytes, FeedError> {
        let exchange = async {
            let answer = sender
                .send_request(request)
                .await
                .map_err(|error| unreachable(&error))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), most_bytes)
                .collect()
                .await
                .map_err(|error| FeedError::Malformed {
                    what: error.to_string(),
                })?
                .to_bytes();
            if status.is_success() {
                Ok(body)
            } else {
                Err(refused(status, &body))
            }
        };
        timeout(limit, exchange)
            .await
            .unwrap_or_else(|_| Err(late("an answer")))
    }

    async fn page_bytes(&self, ask: &Ask) -> Result<Bytes, FeedError> {
        let path = format!(
            "{ENTRIES_PATH}?from={}&checkpoint={}&covered_only={}&wait_ms={}",
            ask.from,
            ask.checkpoint,
            ask.covered_only,
            ask.wait.as_millis()
        );
        let mut pages = self.pages.lock().await;
        let kept = pages.take().filter(|sender| !sender.is_closed());
        let was_kept = kept.is_some();
        let mut sender = match kept {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let limit = ask.wait + ANSWER;
        let request = self.request(Method::GET, &path, Vec::new())?;
        let mut answer = Self::exchange(&mut sender, request, limit, MAX_PAGE_BYTES).await;
        // The authority ends connections after a while; asking for a page again is harmless.
        if was_kept && matches!(answer, Err(FeedError::Unreachable { .. })) {
            sender = self.connect().await?;
            let request = self.request(Method::GET, &path, Vec::new())?;
            answer = Self::exchange(&mut sender, request, limit, MAX_PAGE_BYTES).await;
        }
        if answer.is_ok() {
            *pages = Some(sender);
        }
        answer
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<Bytes, FeedError> {
        let mut sender = self.connect().await?;
        let request = self.request(Method::POST, path, body)?;
        Self::exchange(&mut sender, request, SIGNED_ANSWER, MAX_BODY_BYTES).await
    }
}

impl Feed for FeedClient {
    fn page(&self, ask: &Ask) -> Result<Page, FeedError> {
        let bytes = self.runtime.block_on(self.page_bytes(ask))?;
        Page::from_bytes(&bytes).map_err(|error| FeedError::Malformed { what: error.what })
    }

    fn order_signer(&self, request: &SignerRequest) -> Result<Vec<u8>, FeedError> {
        let order = SignerOrder {
            issuer: request.issuer.clone(),
            key_label: request.key_label.clone(),
            window_seconds: request.window_seconds,
            request_base64: STANDARD.encode(&request.request),
        };
        let body = serde_json::to_vec(&order).map_err(|error| malformed(&error))?;
        let answer = self.runtime.block_on(self.post(SIGNERS_PATH, body))?;
        let given: SignerGiven =
            serde_json::from_slice(&answer).map_err(|error| malformed(&error))?;
        STANDARD
            .decode(given.certificate_base64)
            .map_err(|error| malformed(&error))
    }

    fn count_signatures(&self, counts: &[(String, u64)]) -> Result<(), FeedError> {
        let counts = Counts {
            counts: counts.to_vec(),
        };
        let body = serde_json::to_vec(&counts).map_err(|error| malformed(&error))?;
        self.runtime.block_on(self.post(SIGNATURES_PATH, body))?;
        Ok(())
    }
}

/// Without the token.
impl std::fmt::Debug for FeedClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FeedClient({})", self.address)
    }
}

fn refused(status: StatusCode, body: &[u8]) -> FeedError {
    let Ok(refusal) = serde_json::from_slice::<Refusal>(body) else {
        return FeedError::Malformed {
            what: format!("status {status} without a reason"),
        };
    };
    match (status, refusal.size) {
        (StatusCode::UNAUTHORIZED, _) => FeedError::NotKnown,
        (StatusCode::FORBIDDEN, _) if refusal.code == FeedError::Removed.code() => {
            FeedError::Removed
        }
        (StatusCode::CONFLICT, Some(size)) => FeedError::Behind { size },
        _ => FeedError::Refused {
            code: refusal.code.chars().take(64).collect(),
            message: refusal.message.chars().take(500).collect(),
        },
    }
}

fn unreachable(error: &dyn std::error::Error) -> FeedError {
    FeedError::Unreachable {
        reason: error.to_string(),
    }
}

fn late(what: &str) -> FeedError {
    FeedError::Unreachable {
        reason: format!("{what} took too long"),
    }
}

fn malformed(error: &dyn std::error::Error) -> FeedError {
    FeedError::Malformed {
        what: error.to_string(),
    }
}
