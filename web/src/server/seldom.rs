//! What is worth a line in the log, but not a line each time.

use std::num::NonZeroU32;

use governor::clock::MonotonicClock;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// Lets something be said once a minute.
pub(crate) struct Seldom(RateLimiter<NotKeyed, InMemoryState, MonotonicClock>);

impl Seldom {
    pub(crate) fn new() -> Self {
        let quota = Quota::per_minute(NonZeroU32::MIN);
        Self(RateLimiter::direct_with_clock(quota, MonotonicClock))
    }

    /// Whether it is time to say it again.
    pub(crate) fn is_due(&self) -> bool {
        self.0.check().is_ok()
    }
}

impl std::fmt::Debug for Seldom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seldom")
    }
}
