//! Time that only goes forward, as an argument.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Where a pool reads the time. Not the civil time: it only goes forward.
pub trait MonotonicClock: Send + Sync {
    /// Time since an instant that stays the same for the life of the clock.
    fn now(&self) -> Duration;

    /// How long a thread that waits for the time `until` may sleep before it looks again.
    fn nap(&self, until: Duration) -> Duration {
        until.saturating_sub(self.now())
    }
}

/// The machine's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemMonotonicClock(Instant);

impl SystemMonotonicClock {
    /// A clock that begins at zero now.
    #[must_use]
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for SystemMonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl MonotonicClock for SystemMonotonicClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A clock that moves when told: tests.
#[derive(Debug, Default)]
pub struct ManualMonotonicClock(Mutex<Duration>);

impl ManualMonotonicClock {
    /// How often a waiting thread looks at this clock.
    const LOOK: Duration = Duration::from_millis(1);

    /// A clock that stands at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock();
        *now = now.saturating_add(by);
    }
}

impl MonotonicClock for ManualMonotonicClock {
    fn now(&self) -> Duration {
        *self.0.lock()
    }

    fn nap(&self, _until: Duration) -> Duration {
        Self::LOOK
    }
}
