//! Time comes in as an argument.

use std::sync::atomic::{AtomicI64, Ordering};

use kasane_verify::UnixTime;

/// Where a long-lived service reads the time.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> UnixTime;
}

/// The machine's clock. Made once, by the composition root.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> UnixTime {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs());
        UnixTime::from_seconds(i64::try_from(since_epoch).unwrap_or(i64::MAX))
    }
}

/// A clock that moves when told: tests and simulations.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Stands at `now`.
    #[must_use]
    pub const fn new(now: UnixTime) -> Self {
        Self(AtomicI64::new(now.seconds()))
    }

    /// Moves to `now`.
    pub fn set(&self, now: UnixTime) {
        self.0.store(now.seconds(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.0.load(Ordering::SeqCst))
    }
}
