//! What failed a moment ago is not tried again at once.

use std::collections::HashMap;

use kasane_verify::UnixTime;

use crate::config::FetchConfig;
use crate::error::FetchError;

/// Most hosts and responders whose failures are remembered.
const MAX_FAILURES: usize = 1_024;

/// How often in a row something failed, and from when on it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    count: u32,
    code: &'static str,
    past_caches: bool,
    retry_at: UnixTime,
}

impl Failure {
    pub(crate) fn after(
        before: Option<Self>,
        error: &FetchError,
        now: UnixTime,
        config: &FetchConfig,
    ) -> Self {
        let count = before.map_or(0, |it| it.count).saturating_add(1);
        let doubled = config
            .backoff_first_seconds
            .saturating_mul(1 << (count - 1).min(20));
        let seconds = match error {
            // An address stays what it is.
            FetchError::Address(_) => config.backoff_longest_seconds,
            _ => doubled.min(config.backoff_longest_seconds),
        };
        Self {
            count,
            code: error.code(),
            past_caches: error.may_be_of_a_cache(),
            retry_at: now.plus_seconds(seconds),
        }
    }

    /// Whether the next request asks the origin, since a cache between may be to blame.
    pub(super) const fn past_caches(&self) -> bool {
        self.past_caches
    }

    /// Why it is not tried now. A clock that was set back does not hold it up for longer than any
    /// failure does.
    pub(crate) fn holds(&self, now: UnixTime, config: &FetchConfig) -> Option<FetchError> {
        let seconds = self.retry_at.seconds_since(now);
        (seconds > 0 && seconds <= config.backoff_longest_seconds).then_some(FetchError::Recently {
            code: self.code,
            retry_at: self.retry_at,
        })
    }
}

/// Failures of hosts and of OCSP responders, which concern every question to them.
#[derive(Debug, Default)]
pub(crate) struct Failures(HashMap<String, Failure>);

impl Failures {
    pub(crate) fn note(
        &mut self,
        name: &str,
        error: &FetchError,
        now: UnixTime,
        config: &FetchConfig,
    ) {
        let before = self.0.get(name).copied();
        if before.is_none() && self.0.len() >= MAX_FAILURES {
            self.0.retain(|_, it| it.holds(now, config).is_some());
            let soonest = self.0.iter().min_by_key(|(_, it)| it.retry_at);
            if self.0.len() >= MAX_FAILURES
                && let Some(soonest) = soonest.map(|(name, _)| name.clone())
            {
                self.0.remove(&soonest);
            }
        }
        let failure = match before {
            // Several requests that were under way at once fail as one.
            Some(before) if before.holds(now, config).is_some() => return,
            before => Failure::after(before, error, now, config),
        };
        self.0.insert(name.to_owned(), failure);
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(crate) fn holds(
        &self,
        name: &str,
        now: UnixTime,
        config: &FetchConfig,
    ) -> Option<FetchError> {
        self.0.get(name)?.holds(now, config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_the_longest() {
        let config = FetchConfig::default();
        let now = UnixTime::from_seconds(1_000_000);
        let mut failure = None;
        let mut waits = Vec::new();
        for _ in 0..40 {
            let next = Failure::after(failure, &FetchError::Status(500), now, &config);
            waits.push(next.retry_at.seconds_since(now));
            failure = Some(next);
        }
        assert_eq!(waits.get(..7).unwrap(), [5, 10, 20, 40, 80, 160, 300]);
        assert_eq!(waits.last(), Some(&300));
        let failure = failure.unwrap();
        assert!(failure.holds(now.plus_seconds(299), &config).is_some());
        assert!(failure.holds(now.plus_seconds(300), &config).is_none());
        // The clock was set back by a day.
        assert!(failure.holds(now.plus_seconds(-86_400), &config).is_none());
    }

    #[test]
    fn failures_of_many_hosts_stay_bounded() {
        let config = FetchConfig::default();
        let now = UnixTime::from_seconds(1_000_000);
        let mut failures = Failures::default();
        for host in 0..5_000 {
            failures.note(&host.to_string(), &FetchError::Status(500), now, &config);
        }
        assert!(failures.0.len() <= MAX_FAILURES);
        assert!(failures.holds("4999", now, &config).is_some());
    }
}
