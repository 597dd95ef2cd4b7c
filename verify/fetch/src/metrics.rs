//! What a fetcher did, in numbers.

use std::collections::BTreeMap;

/// A snapshot of a fetcher's counters, since it was made, and of its memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Look-ups answered with fresh evidence from memory.
    pub hits: u64,
    /// Look-ups that began a fetch.
    pub misses: u64,
    /// Look-ups that found a fetch of the same under way, and waited for it.
    pub waits: u64,
    /// Look-ups not followed by a fetch because one had failed a moment ago.
    pub refused: u64,
    /// HTTP requests, redirects not counted.
    pub requests: u64,
    /// Answers that said "not modified", or brought the same octets again.
    pub unchanged: u64,
    /// Octets of evidence taken in.
    pub received_bytes: u64,
    /// Entries that made room for others.
    pub evicted: u64,
    /// Entries.
    pub entries: usize,
    /// Octets that they take.
    pub cached_bytes: usize,
    /// Octets set aside for what is being read.
    pub reading_bytes: usize,
    /// Most octets that both took together.
    pub peak_bytes: u64,
    /// The budget for both.
    pub memory_bytes: usize,
    /// Errors by their stable code.
    pub errors: BTreeMap<&'static str, u64>,
}

/// The same while counting.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) waits: u64,
    pub(crate) refused: u64,
    pub(crate) requests: u64,
    pub(crate) unchanged: u64,
    pub(crate) received_bytes: u64,
    pub(crate) evicted: u64,
    pub(crate) peak_bytes: u64,
    errors: BTreeMap<&'static str, u64>,
}

impl Counters {
    pub(crate) fn error(&mut self, code: &'static str) {
        *self.errors.entry(code).or_default() += 1;
    }

    pub(crate) fn snapshot(&self) -> Metrics {
        Metrics {
            hits: self.hits,
            misses: self.misses,
            waits: self.waits,
            refused: self.refused,
            requests: self.requests,
            unchanged: self.unchanged,
            received_bytes: self.received_bytes,
            evicted: self.evicted,
            peak_bytes: self.peak_bytes,
            errors: self.errors.clone(),
            ..Metrics::default()
        }
    }
}
