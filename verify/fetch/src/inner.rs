//! What all handles of a fetcher share.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::revocation::Evidence;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::Clock;
use crate::cache::{AtHand, Cache, Intent, Kept, Key, Look, Outcome};
use crate::config::FetchConfig;
use crate::disk::Disk;
use crate::error::FetchError;
use crate::http::Http;
use crate::target::Target;

pub(crate) struct Inner {
    pub(crate) config: Arc<FetchConfig>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) crypto: Arc<dyn CryptoProvider>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) http: Http,
    pub(crate) runtime: Handle,
    pub(crate) disk: Option<Arc<Disk>>,
    /// Spreads the times at which evidence is asked for again.
    pub(crate) spread: RandomState,
}

impl Inner {
    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Evidence from an address: from memory when it is fresh, else fetched, waiting no longer than
    /// to `deadline`; what is at hand when that fails. The newest first, never empty.
    pub(crate) async fn obtain(
        self: &Arc<Self>,
        key: &Key,
        signer: Option<&Arc<[u8]>>,
        deadline: Instant,
    ) -> Outcome {
        let found = self.look(key, signer, Intent::Use);
        self.settled(found, deadline).await
    }

    /// The end of a look.
    pub(crate) async fn settled(
        &self,
        found: Result<Found, FetchError>,
        deadline: Instant,
    ) -> Outcome {
        let (at_hand, outcome) = match found? {
            Found::AtHand(at_hand, error) => return settle(at_hand, error),
            Found::UnderWay(at_hand, outcome) => (at_hand, outcome),
        };
        let limit = if at_hand.is_current {
            deadline.min(Instant::now() + self.config.patience)
        } else {
            deadline
        };
        match landed(outcome, limit).await {
            Some(Ok(evidence)) if !evidence.is_empty() => Ok(evidence),
            Some(Ok(_)) => settle(at_hand, None),
            Some(Err(error)) => settle(at_hand, Some(error)),
            None => {
                let limit = self.config.verification_timeout;
                let what = "evidence";
                settle(at_hand, Some(FetchError::Timeout { what, limit }))
            }
        }
    }

    /// What is at hand of an address; a fetch begins when it is not fresh.
    pub(crate) fn look(
        self: &Arc<Self>,
        key: &Key,
        signer: Option<&Arc<[u8]>>,
        intent: Intent,
    ) -> Result<Found, FetchError> {
        // Before anything is remembered of it.
        let refused = Target::parse(key.uri(), &self.config).map_err(FetchError::from);
        let look = refused.and_then(|_| self.cache.look(key, self.now(), intent));
        match look {
            Err(error) => {
                self.cache.count_error(error.code());
                Err(error)
            }
            Ok(Look::Fresh(at_hand)) => Ok(Found::AtHand(at_hand, None)),
            Ok(Look::Failed(at_hand, error)) => Ok(Found::AtHand(at_hand, Some(error))),
            Ok(Look::Wait(at_hand, outcome)) => Ok(Found::UnderWay(at_hand, outcome)),
            Ok(Look::Fetch(at_hand, outcome, ticket)) => {
                let (inner, signer) = (Arc::clone(self), signer.map(Arc::clone));
                // A task of its own: whoever waits may give up, the others go on waiting.
                self.runtime.spawn(async move {
                    inner.fly(ticket, signer).await;
                });
                Ok(Found::UnderWay(at_hand, outcome))
            }
        }
    }

    /// Writes the last good CRL of an address.
    pub(crate) fn save(&self, key: &Key) {
        let (Some(disk), Key::Crl(uri)) = (&self.disk, key) else {
            return;
        };
        let (disk, cache, uri) = (Arc::clone(disk), Arc::clone(&self.cache), Arc::clone(uri));
        let crypto = Arc::clone(&self.crypto);
        self.runtime.spawn_blocking(move || {
            let newest = || -> Option<Kept> { cache.good(&Key::Crl(Arc::clone(&uri))) };
            disk.save(&uri, newest, &*crypto);
        });
    }

    /// Removes the files of evicted CRLs.
    pub(crate) fn sweep(&self) {
        let Some(disk) = &self.disk else { return };
        let gone = self.cache.take_gone();
        if gone.is_empty() {
            return;
        }
        let (disk, cache) = (Arc::clone(disk), Arc::clone(&self.cache));
        let crypto = Arc::clone(&self.crypto);
        self.runtime.spawn_blocking(move || {
            for uri in gone {
                // One that came back meanwhile has a file again.
                let is_back = || cache.good(&Key::Crl(Arc::clone(&uri))).is_some();
                disk.remove(&uri, is_back, &*crypto);
            }
        });
    }

    /// A number below 1000 that is an address's own as long as this process runs.
    pub(crate) fn spread_of(&self, key: &Key) -> i64 {
        i64::try_from(self.spread.hash_one(key) % 1_000).unwrap_or(0)
    }
}

/// What was found at an address.
pub(crate) enum Found {
    /// That is all there is, and why there is nothing newer.
    AtHand(AtHand, Option<FetchError>),
    /// Something newer is under way.
    UnderWay(AtHand, watch::Receiver<Option<Outcome>>),
}

/// Waits for the end of a fetch; none when it does not end in time.
pub(crate) async fn landed(
    mut outcome: watch::Receiver<Option<Outcome>>,
    limit: Instant,
) -> Option<Outcome> {
    match timeout_at(limit, outcome.wait_for(Option::is_some)).await {
        Ok(Ok(outcome)) => outcome.clone(),
        Ok(Err(_)) => Some(Err(FetchError::Interrupted)),
        Err(_) => None,
    }
}

fn settle(at_hand: AtHand, error: Option<FetchError>) -> Result<Vec<Evidence>, FetchError> {
    if at_hand.evidence.is_empty() {
        return Err(error.unwrap_or(FetchError::Interrupted));
    }
    Ok(at_hand.evidence)
}
