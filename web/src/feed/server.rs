//! The authority's side of the feed.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::service::TowerToHyperService;
use kasane_ca_core::authority::ResponderSignerOrder;
use kasane_ca_core::follower::FeedError;
use kasane_ca_core::{Authority, Error};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep};
use tower_http::catch_panic::CatchPanicLayer;

use super::authentication::Credentials;
use super::followers::{Followers, Seen};
use super::wire::{
    Counts, ENTRIES_PATH, EntriesQuery, MAX_BODY_BYTES, MAX_WAIT_MS, Refusal, SIGNATURES_PATH,
    SIGNERS_PATH, SignerGiven, SignerOrder,
};
use crate::server::{Client, PerClient};

/// Who waits looks so often whether there is something new: a small part of the second in which a
/// revocation is to be seen everywhere.
const LOOK: Duration = Duration::from_millis(20);

/// Octets of entries that a page aims at.
const PAGE_BYTES: usize = 2 * 1024 * 1024;

/// Pages made, and signers given, at a time.
const WORK: usize = 4;

/// Serves the feed: to enrolled edges, and to nobody else.
#[derive(Clone)]
pub struct FeedServer {
    router: Router,
}

#[derive(Clone)]
struct Feed {
    authority: Arc<Authority>,
    followers: Followers,
    stopped: watch::Receiver<bool>,
    work: Arc<Semaphore>,
}

impl FeedServer {
    /// A server of the authority's ledger, which notes in `followers` who asks. When `stopped` turns
    /// true, nobody is kept waiting.
    #[must_use]
    pub fn new(
        authority: Arc<Authority>,
        followers: Followers,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let feed = Feed {
            authority,
            followers,
            stopped,
            work: Arc::new(Semaphore::new(WORK)),
        };
        let router = Router::new()
            .route(ENTRIES_PATH, get(entries))
            .route(SIGNERS_PATH, post(signer))
            .route(SIGNATURES_PATH, post(signatures))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .layer(CatchPanicLayer::new())
            .with_state(feed);
        Self { router }
    }
}

impl PerClient for FeedServer {
    type Body = axum::body::Body;
    type Service = TowerToHyperService<Router>;

    fn service(&self, client: Option<Client>) -> Self::Service {
        <Router as PerClient>::service(&self.router, client)
    }
}

/// `GET /v1/entries`: a page, DER; waits for something new.
async fn entries(
    State(feed): State<Feed>,
    headers: HeaderMap,
    query: Result<Query<EntriesQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Refused> {
    let credentials = credentials(&headers)?;
    let Query(query) = query.map_err(|error| Refused::bad(&error.to_string()))?;
    let credentials = feed
        .work(move |feed| {
            let name = credentials.check(&feed.authority)?;
            let (at, entries) = (feed.authority.now(), query.from);
            feed.followers.heard(name, Seen { at, entries });
            Ok(credentials)
        })
        .await?;
    feed.wait(&query).await;
    let page = feed
        .work(move |feed| {
            // It may have been removed meanwhile.
            credentials.check(&feed.authority)?;
            let page = feed
                .authority
                .feed_page(query.from, query.covered_only, PAGE_BYTES)?;
            Ok(page.to_bytes()?)
        })
        .await?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], page).into_response())
}

/// `POST /v1/signers`: a signer's certificate, and a checkpoint that covers it.
async fn signer(
    State(feed): State<Feed>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let credentials = credentials(&headers)?;
    let certificate = feed
        .work(move |feed| {
            let name = credentials.check(&feed.authority)?;
            let order: SignerOrder = read(&body)?;
            let request = STANDARD
                .decode(&order.request_base64)
                .map_err(|error| bad_argument("request", error.to_string()))?;
            let order = ResponderSignerOrder {
                issuer: &order.issuer,
                key_label: &order.key_label,
                window_seconds: order.window_seconds,
                request: &request,
            };
            let issued = feed.authority.issue_responder_signer(name, &order)?;
            tracing::info!(
                responder.name = name,
                issuer.name = issued.issuer,
                certificate.serial = hex::encode(&issued.serial),
                "new OCSP signer at an edge"
            );
            // The edge uses it once a checkpoint covers it; the next one would do as well.
            if let Err(error) = feed.authority.checkpoint() {
                tracing::warn!(code = error.code(), %error, "checkpoint is not signed");
            }
            Ok(issued.der)
        })
        .await?;
    Ok(axum::Json(SignerGiven {
        certificate_base64: STANDARD.encode(certificate),
    })
    .into_response())
}

/// `POST /v1/signatures`: how often each key signed since the last time.
async fn signatures(
    State(feed): State<Feed>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let credentials = credentials(&headers)?;
    feed.work(move |feed| {
        let name = credentials.check(&feed.authority)?;
        let counts: Counts = read(&body)?;
        feed.authority
            .count_responder_signatures(name, &counts.counts)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn credentials(headers: &HeaderMap) -> Result<Credentials, Refused> {
    Credentials::of(headers).ok_or_else(|| Refused::from(Error::from(FeedError::NotKnown)))
}

fn read<'b, T: serde::Deserialize<'b>>(body: &'b [u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| bad_argument("body", error.to_string()))
}

const fn bad_argument(what: &'static str, reason: String) -> Error {
    Error::BadArgument { what, reason }
}

impl Feed {
    /// Waits until there is something that the follower does not have, or as long as it asked for.
    async fn wait(&self, query: &EntriesQuery) {
        let limit = Duration::from_millis(query.wait_ms.min(MAX_WAIT_MS));
        let end = Instant::now() + limit;
        let ledger = self.authority.ledger();
        let mut stopped = self.stopped.clone();
        loop {
            let is_new = ledger.checkpoint_size().unwrap_or(0) > query.checkpoint
                || (!query.covered_only && ledger.size() != query.from);
            if is_new || Instant::now() >= end {
                return;
            }
            tokio::select! {
                () = sleep(LOOK) => {}
                // An error means that whoever could stop us is gone.
                _ = stopped.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Refused> {
        let permit = Arc::clone(&self.work).acquire_owned().await;
        let feed = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&feed);
            drop(permit);
            result
        });
        match done.await {
            Ok(result) => Ok(result?),
            Err(error) => {
                tracing::error!(%error, "a request to the feed failed");
                Err(Refused(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    Refusal {
                        code: "internal".to_owned(),
                        message: "a fault of this program".to_owned(),
                        size: None,
                    },
                ))
            }
        }
    }
}

/// A refusal as it is answered.
struct Refused(StatusCode, Refusal);

impl Refused {
    fn bad(message: &str) -> Self {
        bad_argument("query", message.to_owned()).into()
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let (status, size) = match &error {
            Error::Feed(FeedError::NotKnown) => (StatusCode::UNAUTHORIZED, None),
            Error::Feed(FeedError::Removed) => (StatusCode::FORBIDDEN, None),
            Error::Ledger(kasane_ledger::Error::NoSuchEntry { size, .. }) => {
                (StatusCode::CONFLICT, Some(*size))
            }
            Error::Request(_)
            | Error::Key(_)
            | Error::KeyNotOfProfile { .. }
            | Error::NotFound { .. }
            | Error::BadArgument { .. } => (StatusCode::UNPROCESSABLE_ENTITY, None),
            _ => (StatusCode::SERVICE_UNAVAILABLE, None),
        };
        if status == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(code = error.code(), %error, "the feed cannot give what was asked for");
        }
        let (code, message) = (error.code().to_owned(), error.to_string());
        Self(
            status,
            Refusal {
                code,
                message,
                size,
            },
        )
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, axum::Json(self.1)).into_response()
    }
}
