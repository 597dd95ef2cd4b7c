//! The queue: urgent before less urgent, first in first out among equals.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Values;

use super::job::{Job, Rank};
use crate::Priority;

type Place = (Reverse<Rank>, u64);

#[derive(Debug, Default)]
pub(super) struct Queue(BTreeMap<Place, Job>);

impl Queue {
    pub(super) fn put(&mut self, job: Job) {
        self.0.insert((Reverse(job.rank), job.number), job);
    }

    pub(super) fn take(&mut self, rank: Rank, number: u64) -> Option<Job> {
        self.0.remove(&(Reverse(rank), number))
    }

    /// In the order in which they are served.
    pub(super) fn iter(&self) -> Values<'_, Place, Job> {
        self.0.values()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = Job> {
        std::mem::take(&mut self.0).into_values()
    }

    /// Waiting signatures, by priority.
    pub(super) fn by_priority(&self) -> BTreeMap<Priority, usize> {
        let mut counts = BTreeMap::new();
        for job in self.iter() {
            if let (Rank::Asked(priority), Some(_)) = (job.rank, job.key()) {
                *counts.entry(priority).or_insert(0) += 1;
            }
        }
        counts
    }
}
