//! Time comes in as an argument.

use kasane_verify::UnixTime;

/// Where the fetcher reads the time, by which evidence ages.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> UnixTime;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of this crate that reads the machine's clock"
    )]
    fn now(&self) -> UnixTime {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs());
        UnixTime::from_seconds(i64::try_from(since_epoch).unwrap_or(i64::MAX))
    }
}
