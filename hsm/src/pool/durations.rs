//! A histogram.

use std::time::Duration;

/// A histogram of durations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// How many.
    pub count: u64,
    /// All together.
    pub sum: Duration,
    /// The longest.
    pub longest: Duration,
    /// How many were at most [`Durations::BOUNDS_MS`] of the same place, and longer than the bound
    /// before it; the last counts those beyond every bound.
    pub buckets: [u64; 12],
}

impl Durations {
    /// Upper bounds of the buckets, in milliseconds.
    pub const BOUNDS_MS: [u64; 11] = [1, 2, 5, 10, 50, 100, 250, 500, 1_000, 5_000, 30_000];

    pub(super) fn add(&mut self, duration: Duration) {
        self.count += 1;
        self.sum = self.sum.saturating_add(duration);
        self.longest = self.longest.max(duration);
        let bucket = Self::BOUNDS_MS
            .iter()
            .position(|bound| duration <= Duration::from_millis(*bound))
            .unwrap_or(Self::BOUNDS_MS.len());
        self.buckets[bucket] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_falls_into_one_bucket() {
        let mut it = Durations::default();
        for ms in [0, 1, 2, 50, 30_000, 30_001] {
            it.add(Duration::from_millis(ms));
        }
        assert_eq!(it.count, 6);
        assert_eq!(it.longest, Duration::from_millis(30_001));
        assert_eq!(it.buckets, [2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1]);
    }
}
