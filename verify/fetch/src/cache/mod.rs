//! What was fetched, by address: bounded in octets, one fetch at a time for each address.

mod entry;
mod failure;
mod reservation;
mod state;
mod ticket;

pub(crate) use entry::{Kept, Key, Outcome};
pub(crate) use failure::{Failure, Failures};
pub(crate) use reservation::Reservation;
pub(crate) use ticket::Ticket;

use std::sync::Arc;

use kasane_verify::UnixTime;
use kasane_verify::revocation::Evidence;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::config::FetchConfig;
use crate::error::FetchError;
use crate::http::Validators;
use entry::{Entry, Flight};
use state::State;

/// Shared by every verification.
pub(crate) struct Cache {
    state: Mutex<State>,
    pub(crate) config: Arc<FetchConfig>,
}

/// What is at hand of an address.
#[derive(Debug, Default)]
pub(crate) struct AtHand {
    /// The newest first.
    pub(crate) evidence: Vec<Evidence>,
    /// Whether one of them is within its time.
    pub(crate) is_current: bool,
}

/// What to do about an address.
pub(crate) enum Look {
    /// Nothing: what is at hand is fresh.
    Fresh(AtHand),
    /// Wait for the fetch that is under way.
    Wait(AtHand, watch::Receiver<Option<Outcome>>),
    /// Nothing: it failed a moment ago.
    Failed(AtHand, FetchError),
    /// Fetch it.
    Fetch(AtHand, watch::Receiver<Option<Outcome>>, Ticket),
}

/// What became of what came.
pub(crate) struct Installed {
    /// What is at hand now, the newest first.
    pub(crate) evidence: Vec<Evidence>,
    /// Whether it is the last good evidence.
    pub(crate) is_good: bool,
}

/// Why one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// For a verification.
    Use,
    /// To refresh what is known, a little before its time. That is no use.
    Refresh {
        /// Seconds before its time.
        early_seconds: i64,
    },
}

impl Cache {
    pub(crate) fn new(config: Arc<FetchConfig>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            config,
        })
    }

    /// What is at hand of an address, and what to do about it.
    pub(crate) fn look(
        self: &Arc<Self>,
        key: &Key,
        now: UnixTime,
        intent: Intent,
    ) -> Result<Look, FetchError> {
        let mut state = self.state.lock();
        let (ahead, is_use) = match intent {
            Intent::Use => (now, true),
            Intent::Refresh { early_seconds } => (now.plus_seconds(early_seconds), false),
        };
        if !state.entries.contains_key(key) {
            let bytes = key.overhead_bytes();
            state.make_room(bytes, &self.config)?;
            state.insert(key, now, bytes);
        } else if is_use {
            state.touch(key, now);
        }
        let flights = state.flights;
        let number = state.next_tick;
        let longest = self.config.fresh_ceiling_seconds;
        let Some(entry) = state.entries.get_mut(key) else {
            return Err(FetchError::Interrupted);
        };
        let at_hand = AtHand {
            evidence: entry.evidence(),
            is_current: entry.kept().any(|it| it.is_current(now)),
        };
        if entry.is_fresh(ahead, longest) {
            state.counters.hits += u64::from(is_use);
            return Ok(Look::Fresh(at_hand));
        }
        if let Some(flight) = &entry.flight {
            let outcome = flight.outcome.clone();
            state.counters.waits += u64::from(is_use);
            return Ok(Look::Wait(at_hand, outcome));
        }
        if let Some(error) = entry
            .failure
            .and_then(|failure| failure.holds(now, &self.config))
        {
            state.counters.refused += u64::from(is_use);
            return Ok(Look::Failed(at_hand, error));
        }
        if flights >= self.config.flights {
            return Err(FetchError::Busy);
        }
        let (sender, outcome) = watch::channel(None);
        entry.flight = Some(Flight {
            number,
            outcome: outcome.clone(),
        });
        let latest = entry.new.as_ref().or(entry.good.as_ref());
        let ticket = Ticket {
            key: key.clone(),
            known: latest.cloned().map(|it| match it.is_current(now) {
                true => it,
                // What is out of date by its own word is not asked for again.
                false => Kept {
                    validators: Validators::default(),
                    ..it
                },
            }),
            past_caches: entry.failure.is_some_and(|it| it.past_caches()),
            signer: entry.signer.clone(),
            number,
            sender,
            cache: Arc::clone(self),
            landed: false,
        };
        state.next_tick += 1;
        state.flights += 1;
        state.counters.misses += u64::from(is_use);
        Ok(Look::Fetch(at_hand, outcome, ticket))
    }

    /// What is at hand of an address, without any consequence.
    pub(crate) fn at_hand(&self, key: &Key) -> Vec<Evidence> {
        let state = self.state.lock();
        let entry = state.entries.get(key);
        entry.map_or_else(Vec::new, Entry::evidence)
    }

    /// CRLs of an issuer, wherever they came from. For certificates that name no address.
    pub(crate) fn crls_of(&self, issuer: &[u8], most: usize) -> Vec<Evidence> {
        let state = self.state.lock();
        let kept = state.entries.values().flat_map(Entry::kept);
        kept.filter(|it| match &it.evidence {
            Evidence::Crl(crl) => crl.list().issuer().der() == issuer,
            Evidence::Ocsp(_) => false,
        })
        .take(most)
        .map(|it| it.evidence.clone())
        .collect()
    }

    /// Why a host or responder is not asked now.
    pub(crate) fn failure_of(&self, name: &str, now: UnixTime) -> Option<FetchError> {
        self.state.lock().failures.holds(name, now, &self.config)
    }

    /// Keeps what came. Its octets move from the reservation to the entry.
    pub(crate) fn install(
        &self,
        key: &Key,
        kept: Kept,
        signer: Option<&Arc<[u8]>>,
        fresh_until: UnixTime,
        mut reservation: Reservation,
    ) -> Result<Installed, FetchError> {
        let mut state = self.state.lock();
        state.counters.received_bytes += u64::try_from(kept.bytes).unwrap_or(0);
        let Some(entry) = state.entries.get_mut(key) else {
            return Err(FetchError::Interrupted);
        };
        let is_good = entry.install(kept, signer)?;
        entry.fresh_until = fresh_until;
        entry.failure = None;
        let evidence = entry.evidence();
        state.reserved_bytes = state.reserved_bytes.saturating_sub(reservation.take());
        state.weigh(key);
        // Validators and signer were not reserved for.
        let _fits = state.make_room(0, &self.config);
        state.note_peak();
        Ok(Installed { evidence, is_good })
    }

    /// What is at hand is still right.
    pub(crate) fn prolong(
        &self,
        key: &Key,
        fresh_until: UnixTime,
        validators: Validators,
    ) -> Vec<Evidence> {
        let mut state = self.state.lock();
        state.counters.unchanged += 1;
        let Some(entry) = state.entries.get_mut(key) else {
            return Vec::new();
        };
        entry.fresh_until = fresh_until;
        entry.failure = None;
        let latest = entry.new.as_mut().or(entry.good.as_mut());
        if let Some(latest) = latest
            && !validators.is_none()
        {
            latest.validators = validators;
        }
        let evidence = entry.evidence();
        state.weigh(key);
        evidence
    }

    /// Puts what an earlier run kept into an empty place, to be asked for again at its first use.
    pub(crate) fn restore(&self, key: &Key, kept: Kept, now: UnixTime) -> Result<(), FetchError> {
        let mut state = self.state.lock();
        if state.entries.contains_key(key) {
            return Ok(());
        }
        let bytes = key.overhead_bytes();
        // What does not fit is left out: nothing is evicted for it.
        let total = state.total().saturating_add(bytes + kept.bytes);
        if total > self.config.memory_bytes {
            return Err(FetchError::Memory {
                limit_bytes: self.config.memory_bytes,
            });
        }
        state.insert(key, now, bytes);
        if let Some(entry) = state.entries.get_mut(key) {
            // Nobody has vouched for it in this run.
            entry.new = Some(kept);
        }
        state.weigh(key);
        Ok(())
    }

    /// Remembers how a fetch failed: for its address, and for the host or responder when every
    /// question there would fail as well.
    pub(crate) fn failed(&self, key: &Key, names: &[&str], error: &FetchError, now: UnixTime) {
        let mut state = self.state.lock();
        state.counters.error(error.code());
        if !error.is_remembered() {
            return;
        }
        for name in names {
            state.failures.note(name, error, now, &self.config);
        }
        if let Some(entry) = state.entries.get_mut(key) {
            let failure = Failure::after(entry.failure, error, now, &self.config);
            entry.failure = Some(failure);
        }
    }

    pub(crate) fn succeeded(&self, names: &[&str]) {
        let mut state = self.state.lock();
        for name in names {
            state.failures.forget(name);
        }
    }

    /// Counts an error that concerns no entry.
    pub(crate) fn count_error(&self, code: &'static str) {
        self.state.lock().counters.error(code);
    }

    pub(crate) fn count_fetch(&self) {
        self.state.lock().counters.requests += 1;
    }

    /// Somebody vouches for evidence; `true` when it was not good before.
    pub(crate) fn accept(
        &self,
        key: &Key,
        evidence: &Evidence,
        signer: Option<&Arc<[u8]>>,
    ) -> bool {
        let mut state = self.state.lock();
        let Some(entry) = state.entries.get_mut(key) else {
            return false;
        };
        let is_new = entry.accept(evidence, signer);
        if is_new {
            state.weigh(key);
        }
        is_new
    }

    /// The verifier did not accept what came last: it is asked for again soon, not at its time.
    pub(crate) fn doubt(&self, key: &Key, evidence: &Evidence, now: UnixTime) {
        let mut state = self.state.lock();
        let error = FetchError::NotAccepted;
        let Some(entry) = state.entries.get_mut(key) else {
            return;
        };
        let is_latest = entry
            .kept()
            .next()
            .is_some_and(|latest| latest.is_same(evidence));
        if is_latest && entry.fresh_until > now {
            entry.fresh_until = now;
            entry.failure = Some(Failure::after(entry.failure, &error, now, &self.config));
            state.counters.error(error.code());
        }
    }

    /// CRLs in use whose time to be asked for again comes within `early_seconds`, the most urgent
    /// first.
    pub(crate) fn due(&self, now: UnixTime, early_seconds: i64) -> Vec<Key> {
        let state = self.state.lock();
        let idle = self.config.refresh_idle_seconds;
        let longest = self.config.fresh_ceiling_seconds;
        let mut due: Vec<_> = state
            .entries
            .iter()
            .filter(|(key, entry)| {
                matches!(key, Key::Crl(_))
                    && entry.flight.is_none()
                    && entry.kept().next().is_some()
                    && now.seconds_since(entry.used_at) <= idle
                    && !entry.is_fresh(now.plus_seconds(early_seconds), longest)
                    && entry
                        .failure
                        .is_none_or(|it| it.holds(now, &self.config).is_none())
            })
            .map(|(key, entry)| {
                let urgent = entry.kept().filter_map(|it| it.next_update).max();
                (urgent, key.clone())
            })
            .collect();
        due.sort_by_key(|(urgent, _)| *urgent);
        due.into_iter().map(|(_, key)| key).collect()
    }

    /// The last good CRL of an address, with its validators.
    pub(crate) fn good(&self, key: &Key) -> Option<Kept> {
        self.state.lock().entries.get(key)?.good.clone()
    }

    /// CRLs that were evicted since this was last asked.
    pub(crate) fn take_gone(&self) -> Vec<Arc<str>> {
        std::mem::take(&mut self.state.lock().gone)
    }

    pub(crate) fn reservation(self: &Arc<Self>) -> Reservation {
        Reservation::new(Arc::clone(self))
    }

    pub(crate) fn metrics(&self) -> crate::Metrics {
        let state = self.state.lock();
        let mut metrics = state.counters.snapshot();
        metrics.entries = state.entries.len();
        metrics.cached_bytes = state.used_bytes;
        metrics.reading_bytes = state.reserved_bytes;
        metrics.memory_bytes = self.config.memory_bytes;
        metrics
    }

    fn set_aside(&self, bytes: usize) -> Result<(), FetchError> {
        let mut state = self.state.lock();
        state.make_room(bytes, &self.config)?;
        state.reserved_bytes = state.reserved_bytes.saturating_add(bytes);
        state.note_peak();
        Ok(())
    }

    fn give_back(&self, bytes: usize) {
        let mut state = self.state.lock();
        state.reserved_bytes = state.reserved_bytes.saturating_sub(bytes);
    }

    fn end_flight(&self, key: &Key, number: u64) {
        let mut state = self.state.lock();
        state.flights = state.flights.saturating_sub(1);
        if let Some(entry) = state.entries.get_mut(key)
            && entry.flight.as_ref().is_some_and(|it| it.number == number)
        {
            entry.flight = None;
        }
    }
}
