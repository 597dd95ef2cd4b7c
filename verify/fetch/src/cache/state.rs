//! The entries and their octets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kasane_verify::UnixTime;

use super::entry::Entry;
use super::{Failures, Key};
use crate::config::FetchConfig;
use crate::error::FetchError;
use crate::metrics::Counters;

#[derive(Default)]
pub(super) struct State {
    pub(super) entries: HashMap<Key, Entry>,
    /// Keys by last use, the longest unused first.
    pub(super) order: BTreeMap<u64, Key>,
    pub(super) next_tick: u64,
    /// Octets of all entries.
    pub(super) used_bytes: usize,
    /// Octets of what is being read.
    pub(super) reserved_bytes: usize,
    pub(super) failures: Failures,
    pub(super) flights: usize,
    pub(super) counters: Counters,
    /// CRLs that were evicted, whose files are to be removed.
    pub(super) gone: Vec<Arc<str>>,
}

impl State {
    pub(super) const fn total(&self) -> usize {
        self.used_bytes.saturating_add(self.reserved_bytes)
    }

    pub(super) fn note_peak(&mut self) {
        let total = u64::try_from(self.total()).unwrap_or(u64::MAX);
        self.counters.peak_bytes = self.counters.peak_bytes.max(total);
    }

    pub(super) fn insert(&mut self, key: &Key, now: UnixTime, bytes: usize) {
        let tick = self.next_tick;
        self.next_tick += 1;
        let entry = Entry {
            tick,
            used_at: now,
            bytes,
            ..Entry::default()
        };
        self.entries.insert(key.clone(), entry);
        self.order.insert(tick, key.clone());
        self.used_bytes = self.used_bytes.saturating_add(bytes);
        self.note_peak();
    }

    pub(super) fn touch(&mut self, key: &Key, now: UnixTime) {
        let tick = self.next_tick;
        self.next_tick += 1;
        if let Some(entry) = self.entries.get_mut(key) {
            self.order.remove(&entry.tick);
            entry.tick = tick;
            entry.used_at = now;
            self.order.insert(tick, key.clone());
        }
    }

    /// Counts an entry's octets anew.
    pub(super) fn weigh(&mut self, key: &Key) {
        if let Some(entry) = self.entries.get_mut(key) {
            let content: usize = entry
                .kept()
                .map(|it| it.bytes.saturating_add(it.validators.len_bytes()))
                .sum();
            let signer = entry.signer.as_ref().map_or(0, |it| it.len());
            let bytes = key.overhead_bytes() + content + signer;
            self.used_bytes = self
                .used_bytes
                .saturating_sub(entry.bytes)
                .saturating_add(bytes);
            entry.bytes = bytes;
        }
    }

    /// Evicts what was not used for longest until `bytes` fit. What is being fetched stays, and
    /// with it its last good edition.
    pub(super) fn make_room(
        &mut self,
        bytes: usize,
        config: &FetchConfig,
    ) -> Result<(), FetchError> {
        let limit = config.memory_bytes;
        while self.total().saturating_add(bytes) > limit {
            let oldest = self.order.iter().find_map(|(tick, key)| {
                let entry = self.entries.get(key)?;
                entry.flight.is_none().then(|| (*tick, key.clone()))
            });
            let Some((tick, key)) = oldest else {
                return Err(FetchError::Memory { limit_bytes: limit });
            };
            self.order.remove(&tick);
            if let Some(entry) = self.entries.remove(&key) {
                self.used_bytes = self.used_bytes.saturating_sub(entry.bytes);
                self.counters.evicted += 1;
            }
            if let Key::Crl(uri) = key
                && config.folder.is_some()
            {
                self.gone.push(uri);
            }
        }
        Ok(())
    }
}
