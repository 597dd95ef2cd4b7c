//! Whether a device is asked: pauses, rests, probes, and what only people undo.

use std::time::Duration;

use super::PoolOptions;

/// Whether a device is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// It is asked; after a failure not before a short pause.
    InService,
    /// It failed several times in a row; it is probed after its rest.
    Resting,
    /// It is asked for a sign of life.
    Probing,
    /// Its credential is wrong, or it is another device. Not asked until it is enabled.
    Disabled {
        /// What it said.
        reason: String,
    },
    /// It made a wrong signature or holds a wrong key. Not asked until it is enabled.
    Quarantined {
        /// What was found.
        reason: String,
    },
}

/// The circuit breaker of one device.
#[derive(Debug)]
pub(super) struct Health {
    state: DeviceState,
    /// Failures in a row.
    failures: u32,
    /// Refusals for now in a row.
    refusals: u32,
    /// Rests in a row without a success.
    rests: u32,
    failed_at: Option<Duration>,
    /// End of a pause or a rest.
    until: Option<Duration>,
}

impl Health {
    pub(super) const fn new() -> Self {
        Self {
            state: DeviceState::InService,
            failures: 0,
            refusals: 0,
            rests: 0,
            failed_at: None,
            until: None,
        }
    }

    pub(super) const fn state(&self) -> &DeviceState {
        &self.state
    }

    /// May take ordinary commands now.
    pub(super) fn usable(&self, now: Duration) -> bool {
        self.state == DeviceState::InService && self.until.is_none_or(|until| until <= now)
    }

    pub(super) const fn in_service(&self) -> bool {
        matches!(self.state, DeviceState::InService)
    }

    /// Only people can bring it back.
    pub(super) const fn locked(&self) -> bool {
        matches!(
            self.state,
            DeviceState::Disabled { .. } | DeviceState::Quarantined { .. }
        )
    }

    /// The time at which something changes by itself.
    pub(super) const fn until(&self) -> Option<Duration> {
        self.until
    }

    pub(super) const fn probe_due(&self, now: Duration) -> bool {
        match (&self.state, self.until) {
            (DeviceState::Resting, Some(until)) => until.as_nanos() <= now.as_nanos(),
            _ => false,
        }
    }

    pub(super) fn probing(&mut self) {
        self.state = DeviceState::Probing;
        self.until = None;
    }

    /// A command that began at `started` succeeded.
    pub(super) fn succeeded(&mut self, started: Duration) {
        if self.failed_at.is_none_or(|failed| failed < started) {
            self.failures = 0;
            self.refusals = 0;
            if self.in_service() {
                self.rests = 0;
                self.until = None;
            }
        }
    }

    /// A command that began at `started` failed. True if the device rests from now on.
    pub(super) fn failed(
        &mut self,
        started: Duration,
        now: Duration,
        options: &PoolOptions,
        jitter: &mut fastrand::Rng,
    ) -> bool {
        if !self.in_service() {
            return false;
        }
        // Commands that were in flight together fail together, by one cause.
        if self.failed_at.is_some_and(|failed| started <= failed) {
            return false;
        }
        self.failed_at = Some(now);
        self.failures += 1;
        if self.failures >= options.failures_before_rest {
            self.rest(now, options, jitter);
            return true;
        }
        let pause = grown(options.first_pause, self.failures - 1, options, jitter);
        self.pause(now + pause);
        false
    }

    /// It refused for now: a pause, and nothing else.
    pub(super) fn refused(
        &mut self,
        now: Duration,
        options: &PoolOptions,
        jitter: &mut fastrand::Rng,
    ) {
        if self.in_service() {
            let pause = grown(options.first_pause, self.refusals, options, jitter);
            self.refusals = self.refusals.saturating_add(1);
            self.pause(now + pause);
        }
    }

    pub(super) fn probe_failed(
        &mut self,
        now: Duration,
        options: &PoolOptions,
        jitter: &mut fastrand::Rng,
    ) {
        if self.state == DeviceState::Probing {
            self.rest(now, options, jitter);
        }
    }

    /// True if it is back in service.
    pub(super) fn probe_succeeded(&mut self, options: &PoolOptions) -> bool {
        if self.state != DeviceState::Probing {
            return false;
        }
        self.state = DeviceState::InService;
        self.until = None;
        // One more failure and it rests again, longer than before.
        self.failures = options.failures_before_rest.saturating_sub(1);
        true
    }

    /// True if this is new.
    pub(super) fn disable(&mut self, reason: String) -> bool {
        if self.locked() {
            return false;
        }
        self.state = DeviceState::Disabled { reason };
        self.until = None;
        true
    }

    /// True if this is new.
    pub(super) fn quarantine(&mut self, reason: String) -> bool {
        if matches!(self.state, DeviceState::Quarantined { .. }) {
            return false;
        }
        self.state = DeviceState::Quarantined { reason };
        self.until = None;
        true
    }

    /// People say that it is well again: it is probed at once.
    pub(super) fn enable(&mut self, now: Duration) {
        if self.state != DeviceState::Probing && self.state != DeviceState::InService {
            self.rests = 0;
            self.state = DeviceState::Resting;
            self.until = Some(now);
        }
    }

    fn pause(&mut self, until: Duration) {
        self.until = Some(self.until.map_or(until, |earlier| earlier.max(until)));
    }

    fn rest(&mut self, now: Duration, options: &PoolOptions, jitter: &mut fastrand::Rng) {
        let rest = grown(options.first_rest, self.rests, options, jitter);
        self.rests = self.rests.saturating_add(1);
        self.state = DeviceState::Resting;
        self.until = Some(now + rest);
    }
}

/// `first` doubled `times`, at most the longest rest, and of that a random part from half to all,
/// so that many clients of one device do not come back together.
pub(super) fn grown(
    first: Duration,
    times: u32,
    options: &PoolOptions,
    jitter: &mut fastrand::Rng,
) -> Duration {
    let full = first
        .saturating_mul(1_u32.checked_shl(times.min(20)).unwrap_or(u32::MAX))
        .min(options.longest_rest);
    full.mul_f64(0.5 + jitter.f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn commands_that_fail_together_count_once() {
        let (options, mut jitter) = (PoolOptions::default(), fastrand::Rng::with_seed(1));
        let mut health = Health::new();
        for _ in 0..8 {
            assert!(!health.failed(s(1), s(2), &options, &mut jitter));
        }
        assert!(!health.usable(s(2)));
        assert!(health.usable(s(3)));
        assert!(!health.failed(s(3), s(4), &options, &mut jitter));
        assert!(health.failed(s(5), s(6), &options, &mut jitter));
        assert_eq!(*health.state(), DeviceState::Resting);
    }

    #[test]
    fn rests_grow_to_the_longest_and_a_success_ends_their_growth() {
        let options = PoolOptions {
            failures_before_rest: 1,
            ..PoolOptions::default()
        };
        let mut jitter = fastrand::Rng::with_seed(7);
        let mut health = Health::new();
        assert!(health.failed(s(1), s(1), &options, &mut jitter));
        let mut now = s(1);
        let mut rests = Vec::new();
        for _ in 0..12 {
            let until = health.until().unwrap();
            rests.push(until - now);
            now = until;
            assert!(health.probe_due(now));
            health.probing();
            health.probe_failed(now, &options, &mut jitter);
        }
        assert!(rests[0] >= s(1) / 2 && rests[0] <= s(1));
        assert!(rests[11] >= options.longest_rest / 2 && rests[11] <= options.longest_rest);
        now = health.until().unwrap();
        health.probing();
        assert!(health.probe_succeeded(&options));
        health.succeeded(now);
        assert!(health.failed(now + s(1), now + s(1), &options, &mut jitter));
        assert!(health.until().unwrap() <= now + s(2));
    }

    #[test]
    fn nothing_but_people_release_a_quarantined_device() {
        let (options, mut jitter) = (PoolOptions::default(), fastrand::Rng::with_seed(1));
        let mut health = Health::new();
        assert!(health.quarantine("wrong".to_owned()));
        assert!(!health.quarantine("wrong".to_owned()));
        health.succeeded(s(9));
        assert!(!health.failed(s(9), s(9), &options, &mut jitter));
        assert!(!health.probe_due(s(1_000_000)));
        assert!(!health.usable(s(1_000_000)));
        health.enable(s(10));
        assert!(health.probe_due(s(10)));
    }
}
