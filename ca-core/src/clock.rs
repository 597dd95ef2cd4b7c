//! Time comes in as an argument.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use kasane_verify::UnixTime;

/// Where a long-lived service reads the time.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> UnixTime;
}

/// Where the time that passes is read, whatever is done to the clock.
pub trait SteadyClock: Send + Sync {
    /// Since the machine started, its sleep included.
    fn since_boot(&self) -> Duration;

    /// The name of that start, which no other has; empty where the machine does not tell.
    fn boot(&self) -> String;
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

/// The machine's count of the time that passes. Made once, by the composition root.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemSteadyClock;

impl SteadyClock for SystemSteadyClock {
    fn since_boot(&self) -> Duration {
        let at = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Duration::new(
            u64::try_from(at.tv_sec).unwrap_or(0),
            u32::try_from(at.tv_nsec).unwrap_or(0),
        )
    }

    fn boot(&self) -> String {
        boot_id()
    }
}

/// A count that moves when told: tests.
#[derive(Debug, Default)]
pub struct ManualSteadyClock {
    milliseconds: AtomicU64,
    boots: AtomicU64,
}

impl ManualSteadyClock {
    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.milliseconds.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Starts the machine anew.
    pub fn reboot(&self) {
        self.boots.fetch_add(1, Ordering::SeqCst);
        self.milliseconds.store(0, Ordering::SeqCst);
    }
}

impl SteadyClock for ManualSteadyClock {
    fn since_boot(&self) -> Duration {
        Duration::from_millis(self.milliseconds.load(Ordering::SeqCst))
    }

    fn boot(&self) -> String {
        format!("boot-{}", self.boots.load(Ordering::SeqCst))
    }
}

/// Changes with each start of the machine; empty where it cannot be read.
pub(crate) fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .unwrap_or_default()
        .trim()
        .to_owned()
}
