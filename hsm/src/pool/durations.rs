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
    pub buckets: [u64; 15],
}

impl Durations {
    /// Upper bounds of the buckets, in milliseconds.
    pub const BOUNDS_MS: [u64; 14] = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000,
    ];

    /// A bound that so many of a hundred did not exceed; nothing if there are none. As exact as the
    /// buckets are, and never above the longest.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<Duration> {
        let rank = self.count.saturating_mul(percent).div_ceil(100).max(1);
        let mut within = 0_u64;
        let bucket = self.buckets.iter().position(|count| {
            within = within.saturating_add(*count);
            within >= rank
        })?;
        let bound = Self::BOUNDS_MS.get(bucket).copied();
        let bound = bound.map_or(self.longest, Duration::from_millis);
        Some(bound.min(self.longest))
    }

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
        assert_eq!(it.buckets, [2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    }

    #[test]
    fn percentile_is_the_bound_of_its_bucket_and_at_most_the_longest() {
        let mut it = Durations::default();
        assert_eq!(it.percentile(50), None);
        for ms in (1..=98).map(|_| 3).chain([450, 460]) {
            it.add(Duration::from_millis(ms));
        }
        let ms = |percent| it.percentile(percent).map(|it| it.as_millis());
        assert_eq!((ms(50), ms(98), ms(99)), (Some(5), Some(5), Some(460)));
        it.add(Duration::from_secs(40));
        assert_eq!(it.percentile(100), Some(Duration::from_secs(40)));
    }
}
