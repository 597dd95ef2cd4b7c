//! The right and the duty to fetch one thing.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Cache, Kept, Key, Outcome};
use crate::error::FetchError;

/// Held by the one fetch of an address; everybody else waits for it. When it is dropped without
/// having landed, those who wait hear that it was interrupted.
pub(crate) struct Ticket {
    pub(crate) key: Key,
    /// What is at hand, to ask only whether it changed.
    pub(crate) known: Option<Kept>,
    /// Whether to ask the origin, past caches between.
    pub(crate) past_caches: bool,
    /// The key that signed it.
    pub(crate) signer: Option<Arc<[u8]>>,
    pub(super) number: u64,
    pub(super) sender: watch::Sender<Option<Outcome>>,
    pub(super) cache: Arc<Cache>,
    pub(super) landed: bool,
}

impl Ticket {
    /// Tells those who wait.
    pub(crate) fn land(mut self, outcome: Outcome) {
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome) {
        self.landed = true;
        self.cache.end_flight(&self.key, self.number);
        self.sender.send_replace(Some(outcome));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.landed {
            self.end(Err(FetchError::Interrupted));
        }
    }
}
