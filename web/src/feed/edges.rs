//! What each enrolled edge has going on: one of them, or who holds its token, cannot take everything.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::MonotonicClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use parking_lot::Mutex;

/// Requests of one edge at a time, until the last octet of each answer is written. It needs two; more
/// where it was cut off and asks anew.
const REQUESTS: usize = 4;

/// Connections of one edge that nobody's else may end: those for its requests. Further ones are
/// strangers', whoever holds its token.
const CONNECTIONS: usize = REQUESTS;

/// An edge tells what it signed every hour and at each stop. Each time costs entries of the ledger.
const TELLING_PERIOD: Duration = Duration::from_secs(300);
const TELLINGS: NonZeroU32 = NonZeroU32::MIN.saturating_add(7);

/// Going on, by name of the edge and kind: as many as there are edges enrolled.
type Counts = Mutex<HashMap<(String, Kind), usize>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Connection,
    Request,
    Order,
}

/// What each edge has going on. Cheap to clone.
#[derive(Clone)]
pub(super) struct Edges {
    counts: Arc<Counts>,
    tellings: Arc<RateLimiter<String, HashMapStateStore<String>, MonotonicClock>>,
}

/// A place of one edge, free again when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    of: (String, Kind),
    counts: Arc<Counts>,
}

impl Edges {
    pub(super) fn new() -> Self {
        // None is for a period of zero.
        let quota = Quota::with_period(TELLING_PERIOD)
            .unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN))
            .allow_burst(TELLINGS);
        Self {
            counts: Arc::default(),
            tellings: Arc::new(RateLimiter::hashmap_with_clock(quota, MonotonicClock)),
        }
    }

    /// A place for a connection that is more than a stranger's.
    pub(super) fn connection(&self, name: &str) -> Option<Turn> {
        self.turn(name, Kind::Connection, CONNECTIONS)
    }

    /// A place for a request of the edge of that name.
    pub(super) fn request(&self, name: &str) -> Option<Turn> {
        self.turn(name, Kind::Request, REQUESTS)
    }

    /// A place for an order: the authority takes one of an edge at a time anyway.
    pub(super) fn order(&self, name: &str) -> Option<Turn> {
        self.turn(name, Kind::Order, 1)
    }

    /// Whether it may tell again what it signed.
    pub(super) fn may_tell(&self, name: &str) -> bool {
        self.tellings.check_key(&name.to_owned()).is_ok()
    }

    fn turn(&self, name: &str, kind: Kind, most: usize) -> Option<Turn> {
        let of = (name.to_owned(), kind);
        let mut counts = self.counts.lock();
        let count = counts.entry(of.clone()).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Turn {
            of,
            counts: Arc::clone(&self.counts),
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        if let Some(count) = counts.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edge_has_so_many_requests_and_one_order_at_a_time() {
        let edges = Edges::new();
        let mut turns: Vec<_> = (0..REQUESTS)
            .map(|_| edges.request("edge-1").unwrap())
            .collect();
        assert!(edges.request("edge-1").is_none());
        assert!(edges.request("edge-2").is_some());
        turns.pop();
        assert!(edges.request("edge-1").is_some());
        let order = edges.order("edge-1").unwrap();
        assert!(edges.order("edge-1").is_none());
        drop((order, turns));
        assert!(edges.counts.lock().is_empty());
    }

    #[test]
    fn edge_tells_so_often_and_no_more() {
        let edges = Edges::new();
        let told = (0..1_000).filter(|_| edges.may_tell("edge-1")).count();
        // A thousand questions take no five minutes.
        assert_eq!(told, 8);
        assert!(edges.may_tell("edge-2"));
    }
}
