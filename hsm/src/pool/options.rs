//! How a pool behaves.

use std::time::Duration;

/// How a pool behaves. The defaults suit YubiHSM 2 devices.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// Failures in a row after which a device rests and is probed before it is used again.
    pub failures_before_rest: u32,
    /// Pause of a device after a first failure or refusal; doubles with each further one.
    pub first_pause: Duration,
    /// First rest; doubles with each probe that fails.
    pub first_rest: Duration,
    /// Longest pause and rest.
    pub longest_rest: Duration,
    /// After this time a device that did not hold a key is asked for it again.
    pub key_recheck: Duration,
    /// How long opening, listing, attesting and draining may take, queueing included.
    pub call_deadline: Duration,
    /// How long making a key may take: a device needs minutes for a large RSA key.
    pub generate_deadline: Duration,
    /// Commands after which a device's log is drained. A YubiHSM 2 keeps 62 entries, and opening a
    /// session takes some of them.
    pub drain_after_commands: u32,
    /// A log with undrained commands is drained after this time at the latest.
    pub drain_idle: Duration,
    /// Most waiting requests; beyond it a request is refused as busy, unless it is a revocation.
    pub queue_limit: usize,
    /// How long dropping the pool waits for commands in flight.
    pub shutdown_grace: Duration,
    /// Seed of the jitter of pauses and rests. Nothing secret depends on it.
    pub jitter_seed: u64,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            failures_before_rest: 3,
            first_pause: Duration::from_millis(100),
            first_rest: Duration::from_secs(1),
            longest_rest: Duration::from_secs(60),
            key_recheck: Duration::from_secs(10),
            call_deadline: Duration::from_secs(15),
            generate_deadline: Duration::from_secs(600),
            drain_after_commands: 24,
            drain_idle: Duration::from_secs(60),
            queue_limit: 16_384,
            shutdown_grace: Duration::from_secs(1),
            jitter_seed: 0,
        }
    }
}
