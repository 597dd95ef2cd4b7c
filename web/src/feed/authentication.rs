//! Who asks.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use kasane_ca_core::follower::FeedError;
use kasane_ca_core::{Authority, Error};
use zeroize::Zeroizing;

/// Longest name and token together.
const MAX_BYTES: usize = 256;

/// What a request says of who sends it. Default deny: a request without this is refused.
pub(super) struct Credentials {
    name: String,
    token: Zeroizing<String>,
}

impl Credentials {
    /// `Authorization: Bearer NAME:TOKEN` (RFC 6750 §2.1).
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (name, token) = value.strip_prefix("Bearer ")?.split_once(':')?;
        (value.len() <= MAX_BYTES).then(|| Self {
            name: name.to_owned(),
            token: Zeroizing::new(token.to_owned()),
        })
    }

    /// The enrolled edge that this is.
    ///
    /// # Errors
    /// [`FeedError::NotKnown`] or [`FeedError::Removed`] as [`Error::Feed`]; [`Error::Store`].
    pub(super) fn check(&self, authority: &Authority) -> Result<&str, Error> {
        match authority.responder_by_token(&self.name, &self.token)? {
            Some(row) if row.removed.is_some() => Err(FeedError::Removed.into()),
            Some(_) => Ok(&self.name),
            None => Err(FeedError::NotKnown.into()),
        }
    }
}
