//! When a device's log of commands is drained.

use std::time::Duration;

use super::PoolOptions;
use super::health::grown;

/// Reads in a row that fail before people hear of it: one may fail with a session that was lost.
const UNREADABLE: u32 = 3;

/// When a device's log of commands is drained.
#[derive(Debug)]
pub(super) struct LogUpkeep {
    has_log: bool,
    /// Commands since the last drain.
    pub(super) commands: u32,
    /// The first command since the last drain.
    since: Option<Duration>,
    /// The device refuses commands until it is drained.
    full: bool,
    /// Drains that are queued or run.
    queued: u32,
    /// People know that it is full.
    reported: bool,
    /// Reads that failed since the last that did not.
    unread: u32,
    /// Not before, after a failure.
    not_before: Duration,
    failures: u32,
    pub(super) pages: u64,
    pub(super) entries: u64,
    pub(super) sink_failures: u64,
}

impl LogUpkeep {
    pub(super) const fn new(has_log: bool) -> Self {
        Self {
            has_log,
            commands: 0,
            since: None,
            full: false,
            queued: 0,
            reported: false,
            unread: 0,
            not_before: Duration::ZERO,
            failures: 0,
            pages: 0,
            entries: 0,
            sink_failures: 0,
        }
    }

    pub(super) const fn has_log(&self) -> bool {
        self.has_log
    }

    /// Nothing else may be given to the device now.
    pub(super) const fn blocks(&self) -> bool {
        self.full || self.queued > 0
    }

    /// True if this is the first since the last drain: a timer begins.
    pub(super) const fn executed(&mut self, now: Duration) -> bool {
        self.commands = self.commands.saturating_add(1);
        if self.has_log && self.since.is_none() {
            self.since = Some(now);
            return true;
        }
        false
    }

    /// The device says that its log is full.
    pub(super) const fn full(&mut self) {
        self.full = true;
    }

    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    /// True if people do not know yet that it is full and stays so.
    pub(super) const fn report_full(&mut self) -> bool {
        !std::mem::replace(&mut self.reported, true)
    }

    /// The device did not give its log. True if that is what people should hear of, once.
    pub(super) const fn report_unreadable(&mut self) -> bool {
        self.unread = self.unread.saturating_add(1);
        self.unread == UNREADABLE
    }

    /// The device gave its log, wherever that went.
    pub(super) const fn was_read(&mut self) {
        self.unread = 0;
    }

    /// Nothing is done with it any more until it is read.
    pub(super) const fn stands_still(&self) -> bool {
        self.full && self.unread >= UNREADABLE
    }

    /// A page may be there from before: look soon.
    pub(super) fn look(&mut self, options: &PoolOptions) {
        if self.has_log {
            self.commands = self.commands.max(options.drain_after_commands);
            self.not_before = Duration::ZERO;
        }
    }

    pub(super) fn due(&self, now: Duration, options: &PoolOptions) -> bool {
        self.has_log
            && self.queued == 0
            && now >= self.not_before
            && (self.full
                || self.commands >= options.drain_after_commands
                || self
                    .since
                    .is_some_and(|since| since + options.drain_idle <= now))
    }

    /// The time at which it is due by itself.
    pub(super) fn next(&self, options: &PoolOptions) -> Option<Duration> {
        if !self.has_log || self.queued > 0 {
            return None;
        }
        if self.full || self.commands >= options.drain_after_commands {
            return Some(self.not_before);
        }
        self.since
            .map(|since| (since + options.drain_idle).max(self.not_before))
    }

    pub(super) const fn queued(&mut self) {
        self.queued += 1;
    }

    /// A queued drain will not run.
    pub(super) const fn dropped(&mut self) {
        self.queued = self.queued.saturating_sub(1);
    }

    pub(super) fn drained(&mut self, entries: usize) {
        if entries > 0 {
            self.pages += 1;
            self.entries = self
                .entries
                .saturating_add(u64::try_from(entries).unwrap_or(u64::MAX));
        }
        self.commands = 0;
        self.since = None;
        self.full = false;
        self.reported = false;
        self.dropped();
        self.failures = 0;
        self.not_before = Duration::ZERO;
    }

    pub(super) fn failed(
        &mut self,
        now: Duration,
        options: &PoolOptions,
        jitter: &mut fastrand::Rng,
    ) {
        self.dropped();
        self.not_before = now + grown(options.first_rest, self.failures, options, jitter);
        self.failures = self.failures.saturating_add(1);
    }

    /// How often in a row it failed.
    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }
}
