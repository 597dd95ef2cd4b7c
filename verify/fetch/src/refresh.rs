//! CRLs in use are kept fresh in the background.

use std::sync::{Arc, Weak};

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::cache::Intent;
use crate::inner::{Found, Inner, landed};

/// The background task. It ends when this is dropped, or the last [`Fetcher`](crate::Fetcher).
#[derive(Debug)]
#[must_use = "the background task ends when this is dropped"]
pub struct RefreshTask {
    task: JoinHandle<()>,
}

impl Drop for RefreshTask {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl RefreshTask {
    pub(crate) fn start(inner: &Arc<Inner>) -> Self {
        let weak = Arc::downgrade(inner);
        let interval = inner.config.refresh_interval;
        let task = inner.runtime.spawn(async move {
            loop {
                sleep(interval).await;
                let Some(inner) = Weak::upgrade(&weak) else {
                    return;
                };
                inner.refresh().await;
            }
        });
        Self { task }
    }
}

impl Inner {
    /// Refreshes every CRL whose time comes before the next look, a few at a time.
    async fn refresh(self: &Arc<Self>) {
        let interval = self.config.refresh_interval.as_secs().saturating_add(1);
        let early_seconds = i64::try_from(interval).unwrap_or(i64::MAX).min(3_600) * 2;
        let intent = Intent::Refresh { early_seconds };
        let mut under_way = std::collections::VecDeque::new();
        for key in self.cache.due(self.now(), early_seconds) {
            if let Ok(Found::UnderWay(_, outcome)) = self.look(&key, None, intent) {
                under_way.push_back(outcome);
            }
            while under_way.len() >= self.config.refreshes
                && let Some(first) = under_way.pop_front()
            {
                landed(first, Instant::now() + self.longest()).await;
            }
        }
        for outcome in under_way {
            landed(outcome, Instant::now() + self.longest()).await;
        }
    }

    /// How long a fetch of a CRL takes at most: its turn, twice its answer.
    pub(crate) fn longest(&self) -> std::time::Duration {
        let config = &self.config;
        config.verification_timeout + config.crl_timeout * 2
    }
}
