//! How long, by which clock, and until who gives up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kasane_hsm::pool::MonotonicClock;

/// Between two questions to one endpoint: soon at first, since it is to be a matter of milliseconds.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Who waits looks so often whether somebody gave up.
const LOOK: Duration = Duration::from_millis(50);

/// How long, by which clock, and until who gives up.
#[derive(Clone)]
pub(super) struct Waiting {
    pub(super) clock: Arc<dyn MonotonicClock>,
    /// Since when the revocation could be seen.
    pub(super) since: Duration,
    /// No question begins after this.
    pub(super) end: Duration,
    pub(super) given_up: Arc<AtomicBool>,
}

impl Waiting {
    /// Milliseconds since it could be seen.
    pub(super) fn milliseconds(&self) -> u64 {
        let after = self.clock.now().saturating_sub(self.since).as_millis();
        u64::try_from(after).unwrap_or(u64::MAX)
    }

    pub(super) fn left(&self) -> Duration {
        self.end.saturating_sub(self.clock.now())
    }

    /// Pauses, longer each time; whether there is time for another question.
    pub(super) async fn pause(&self, pause: &mut Option<Duration>) -> bool {
        let left = self.left();
        if left.is_zero() {
            return false;
        }
        let now = pause.unwrap_or(FIRST_PAUSE);
        *pause = Some((now * 3 / 2).min(LONGEST_PAUSE));
        tokio::time::sleep(now.min(left)).await;
        true
    }

    /// Returns when somebody gave up.
    pub(super) async fn given_up(&self) {
        while !self.given_up.load(Ordering::Acquire) {
            tokio::time::sleep(LOOK).await;
        }
    }
}
