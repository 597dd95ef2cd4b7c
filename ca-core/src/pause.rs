//! Waiting comes in as an argument.

use std::time::Duration;

/// How a caller waits between two tries.
pub trait Pause: Send + Sync {
    /// Returns when `duration` is over.
    fn pause(&self, duration: Duration);
}

/// The thread sleeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadPause;

impl Pause for ThreadPause {
    fn pause(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}
