//! Who asks: judged before anything else is done, and before a body is read.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kasane_ca_core::follower::FeedError;
use kasane_ca_core::{Authority, Error};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::edges::Turn;
use super::refusal::Refused;
use super::server::Feed;
use super::wire::ENTRIES_PATH;
use crate::server::Caller;

/// Longest name and token together.
const MAX_BYTES: usize = 256;

/// What a request says of who sends it. Default deny: a request without this is refused.
pub(super) struct Credentials {
    name: String,
    token: Zeroizing<String>,
}

/// An enrolled edge that asks for something. Dropped with the last octet of the answer.
#[derive(Clone)]
pub(super) struct Edge {
    credentials: Arc<Credentials>,
    _turn: Arc<Turn>,
}

impl Credentials {
    /// `Authorization: Bearer NAME:TOKEN` (RFC 6750 §2.1).
    fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (name, token) = value.strip_prefix("Bearer ")?.split_once(':')?;
        (value.len() <= MAX_BYTES).then(|| Self {
            name: name.to_owned(),
            token: Zeroizing::new(token.to_owned()),
        })
    }

    fn check(&self, authority: &Authority) -> Result<(), Error> {
        match authority.responder_by_token(&self.name, &self.token)? {
            Some(row) if row.removed.is_some() => Err(FeedError::Removed.into()),
            Some(_) => Ok(()),
            None => Err(FeedError::NotKnown.into()),
        }
    }
}

impl Edge {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.credentials.name
    }

    /// Whether it is enrolled still: it may have been removed since it asked.
    ///
    /// # Errors
    /// [`FeedError::NotKnown`] or [`FeedError::Removed`] as [`Error::Feed`]; [`Error::Store`].
    pub(super) fn check(&self, authority: &Authority) -> Result<(), Error> {
        self.credentials.check(authority)
    }
}

/// Lets enrolled edges pass, so many requests of each at a time, and each for so long. Everybody else
/// is told the same, whatever was asked for; that ends the connection.
pub(super) async fn admit(State(feed): State<Feed>, request: Request, next: Next) -> Response {
    let limit = match request.uri().path() {
        ENTRIES_PATH => feed.limits.page,
        _ => feed.limits.order,
    };
    let answered = timeout(limit, admitted(&feed, request, next));
    answered
        .await
        .unwrap_or_else(|_| Refused::late("the answer").into_response())
}

async fn admitted(feed: &Feed, mut request: Request, next: Next) -> Response {
    let credentials = match judged(feed, request.headers()).await {
        Ok(credentials) => credentials,
        Err(refused) => return refused.into_response(),
    };
    if let Some(caller) = request.extensions().get::<Caller>() {
        caller.vouch(|| feed.edges.connection(&credentials.name));
    }
    let Some(turn) = feed.edges.request(&credentials.name) else {
        return Refused::busy("this responder asks for too much at a time").into_response();
    };
    request.extensions_mut().insert(Edge {
        credentials: Arc::new(credentials),
        _turn: Arc::new(turn),
    });
    next.run(request).await
}

/// The credentials, if they are an enrolled edge's.
async fn judged(feed: &Feed, headers: &HeaderMap) -> Result<Credentials, Refused> {
    let now = feed.authority.now();
    let Some(credentials) = Credentials::of(headers) else {
        if let Some(untold) = feed.strangers.due(now) {
            tracing::info!(untold, "the feed refused a request without credentials");
        }
        return Err(Error::from(FeedError::NotKnown).into());
    };
    let authority = Arc::clone(&feed.authority);
    let judging = feed.judges.run(move || {
        let verdict = credentials.check(&authority);
        (credentials, verdict)
    });
    let (credentials, verdict) = judging.await?;
    match verdict {
        Ok(()) => Ok(credentials),
        Err(Error::Feed(reason)) => {
            if let Some(untold) = feed.strangers.due(now) {
                tracing::info!(
                    responder.name = ?credentials.name, code = reason.code(), untold,
                    "the feed refused whoever is not enrolled"
                );
            }
            Err(Error::from(reason).into())
        }
        Err(error) => {
            if let Some(untold) = feed.troubles.due(now) {
                tracing::warn!(
                    code = error.code(), %error, untold,
                    "the feed cannot tell who is enrolled"
                );
            }
            Err(Refused::cannot_tell())
        }
    }
}
