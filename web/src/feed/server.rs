//! The authority's side of the feed.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::service::TowerToHyperService;
use kasane_ca_core::authority::ResponderSignerOrder;
use kasane_ca_core::{Authority, Error};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower_http::catch_panic::CatchPanicLayer;

use super::FeedLimits;
use super::authentication::{Edge, admit};
use super::edges::Edges;
use super::followers::{Followers, Seen};
use super::notices::Notice;
use super::refusal::{Refused, bad_argument};
use super::wire::{
    Counts, ENTRIES_PATH, EntriesQuery, MAX_BODY_BYTES, MAX_WAIT_MS, SIGNATURES_PATH, SIGNERS_PATH,
    SignerGiven, SignerOrder,
};
use super::workers::Workers;
use crate::server::{Allowance, Client, PerClient, Trusted};

/// Who waits looks so often whether there is something new: a small part of the second in which a
/// revocation is to be seen everywhere.
const LOOK: Duration = Duration::from_millis(20);

/// Octets of entries that a page aims at.
const PAGE_BYTES: usize = 2 * 1024 * 1024;

/// Pages made at a time.
const PAGES: usize = 4;

/// Signers given at a time: each waits for the CA's key and for the ledger's, which sign for the
/// authority itself as well.
const ORDERS: usize = 2;

/// Tokens judged at a time.
const JUDGES: usize = 4;

/// Serves the feed: to enrolled edges, and to nobody else.
#[derive(Clone)]
pub struct FeedServer {
    router: Router,
    trusted: Arc<Trusted>,
}

/// What requests are answered from. Each kind of work has threads of its own: orders that wait for a
/// device hold up no page, pages hold up no order, and strangers neither.
#[derive(Clone)]
pub(super) struct Feed {
    pub(super) authority: Arc<Authority>,
    pub(super) limits: FeedLimits,
    pub(super) edges: Edges,
    pub(super) judges: Workers,
    /// Requests of those who are not enrolled.
    pub(super) strangers: Arc<Notice>,
    /// Nobody can be judged.
    pub(super) troubles: Arc<Notice>,
    followers: Followers,
    stopped: watch::Receiver<bool>,
    pages: Workers,
    orders: Workers,
    tellings: Workers,
}

impl FeedServer {
    /// A server of the authority's ledger, which notes in `followers` who asks. When `stopped` turns
    /// true, nobody is kept waiting.
    #[must_use]
    pub fn new(
        authority: Arc<Authority>,
        followers: Followers,
        stopped: watch::Receiver<bool>,
        limits: FeedLimits,
    ) -> Self {
        let feed = Feed {
            authority,
            limits,
            edges: Edges::new(),
            judges: Workers::new(JUDGES),
            strangers: Arc::default(),
            troubles: Arc::default(),
            followers,
            stopped,
            pages: Workers::new(PAGES),
            orders: Workers::new(ORDERS),
            tellings: Workers::new(1),
        };
        let router = Router::new()
            .route(ENTRIES_PATH, get(entries))
            .route(SIGNERS_PATH, post(signer))
            .route(SIGNATURES_PATH, post(signatures))
            .layer(middleware::from_fn_with_state(feed.clone(), admit))
            .layer(CatchPanicLayer::new())
            .with_state(feed);
        Self {
            router,
            trusted: Arc::default(),
        }
    }

    /// The same, where some may have a number of connections of their own. They begin no more of them at
    /// a time than anybody: each costs a signature before it says who it is.
    #[must_use]
    pub fn trusting(mut self, trusted: Arc<Trusted>) -> Self {
        self.trusted = trusted;
        self
    }
}

impl PerClient for FeedServer {
    type Body = Body;
    type Service = TowerToHyperService<Router>;

    fn service(&self, client: Option<Client>) -> Self::Service {
        <Router as PerClient>::service(&self.router, client)
    }

    fn trusted(&self, client: Client) -> Option<Allowance> {
        self.trusted.allowance(client)
    }
}

/// `GET /v1/entries`: a page, DER; waits for something new.
async fn entries(
    State(feed): State<Feed>,
    Extension(edge): Extension<Edge>,
    query: Result<Query<EntriesQuery>, QueryRejection>,
) -> Result<Response, Refused> {
    let Query(query) = query.map_err(|error| Refused::query(error.to_string()))?;
    let size = feed.authority.ledger().size();
    let (at, entries) = (feed.authority.now(), query.from);
    if entries > size {
        let index = entries;
        return Err(Error::from(kasane_ledger::Error::NoSuchEntry { index, size }).into());
    }
    feed.followers.heard(edge.name(), Seen { at, entries });
    feed.wait(&query).await;
    let authority = Arc::clone(&feed.authority);
    let page = feed.pages.run(move || {
        edge.check(&authority)?;
        let page = authority.feed_page(query.from, query.covered_only, PAGE_BYTES)?;
        let octets = page.to_bytes()?;
        Ok::<_, Error>(Bytes::from_owner(Held {
            octets,
            _edge: edge,
        }))
    });
    let page = page.await??;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], page).into_response())
}

/// `POST /v1/signers`: a signer's certificate, and a checkpoint that covers it.
async fn signer(
    State(feed): State<Feed>,
    Extension(edge): Extension<Edge>,
    body: Body,
) -> Result<Response, Refused> {
    let body = feed.body(body).await?;
    let turn = feed
        .edges
        .order(edge.name())
        .ok_or_else(|| Refused::busy("an order of this responder is being carried out"))?;
    let authority = Arc::clone(&feed.authority);
    let issued = feed.orders.run(move || {
        // Until the work is done, also when nobody waits for it any more.
        let _turn = turn;
        edge.check(&authority)?;
        give_signer(&authority, edge.name(), &body)
    });
    let certificate = issued.await??;
    Ok(axum::Json(SignerGiven {
        certificate_base64: STANDARD.encode(certificate),
    })
    .into_response())
}

/// `POST /v1/signatures`: how often each key signed since the last time.
async fn signatures(
    State(feed): State<Feed>,
    Extension(edge): Extension<Edge>,
    body: Body,
) -> Result<StatusCode, Refused> {
    let body = feed.body(body).await?;
    let counts: Counts = read(&body)?;
    // Nothing told costs nothing: it only asks whether the edge is known still.
    if !counts.counts.is_empty() && !feed.edges.may_tell(edge.name()) {
        return Err(Refused::busy("signatures are told every hour"));
    }
    let authority = Arc::clone(&feed.authority);
    let counted = feed.tellings.run(move || {
        edge.check(&authority)?;
        authority.count_responder_signatures(edge.name(), &counts.counts)
    });
    counted.await??;
    Ok(StatusCode::NO_CONTENT)
}

/// The certificate of the signer that `body` asks for, DER.
fn give_signer(authority: &Authority, name: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
    let order: SignerOrder = read(body)?;
    let request = STANDARD
        .decode(&order.request_base64)
        .map_err(|error| bad_argument("request", error.to_string()))?;
    let order = ResponderSignerOrder {
        issuer: &order.issuer,
        key_label: &order.key_label,
        window_seconds: order.window_seconds,
        request: &request,
    };
    let issued = authority.issue_responder_signer(name, &order)?;
    tracing::info!(
        responder.name = name,
        issuer.name = issued.issuer,
        certificate.serial = hex::encode(&issued.serial),
        "new OCSP signer at an edge"
    );
    // The edge uses it once a checkpoint covers it; the next one would do as well.
    if let Err(error) = authority.checkpoint() {
        tracing::warn!(code = error.code(), %error, "checkpoint is not signed");
    }
    Ok(issued.der)
}

fn read<'b, T: serde::Deserialize<'b>>(body: &'b [u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| bad_argument("body", error.to_string()))
}

impl Feed {
    /// The body of a request, which has a time of its own.
    async fn body(&self, body: Body) -> Result<Bytes, Refused> {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > MAX_BODY_BYTES {
            let reason = format!("{announced} octets are more than {MAX_BODY_BYTES}");
            return Err(Refused::body(reason));
        }
        timeout(self.limits.body, axum::body::to_bytes(body, MAX_BODY_BYTES))
            .await
            .map_err(|_| Refused::late("the request's body"))?
            .map_err(|error| Refused::body(error.to_string()))
    }

    /// Waits until there is something that the follower does not have, or as long as it asked for.
    async fn wait(&self, query: &EntriesQuery) {
        let ledger = self.authority.ledger();
        let mut stopped = self.stopped.clone();
        let something_new = async {
            loop {
                let is_new = ledger.checkpoint_size().unwrap_or(0) > query.checkpoint
                    || (!query.covered_only
                        && ledger.size() != query.from
                        && !self.authority.is_recording_an_act());
                if is_new {
                    return;
                }
                tokio::select! {
                    () = sleep(LOOK) => {}
                    // An error means that whoever could stop us is gone.
                    _ = stopped.wait_for(|stop| *stop) => return,
                }
            }
        };
        let limit = Duration::from_millis(query.wait_ms.min(MAX_WAIT_MS));
        // Nothing new is an answer as well.
        let _new = timeout(limit, something_new).await;
    }
}

/// A page on its way: it counts among the edge's requests until its last octet is written.
struct Held {
    octets: Vec<u8>,
    _edge: Edge,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.octets
    }
}
