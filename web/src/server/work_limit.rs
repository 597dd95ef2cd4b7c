//! How much work a client may ask for.

use std::num::NonZeroU32;

use governor::clock::MonotonicClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::{Client, Loopback};

/// Clients remembered before those that asked for nothing lately are forgotten. A client is
/// forgotten once it could ask for all it may again: seconds later.
const MAX_CLIENTS: usize = 65_536;

/// What one client may ask for that is not at hand: signatures (nonces, first requests) and
/// look-ups in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientLimits {
    /// So many requests a second, in the long run.
    pub per_second: NonZeroU32,
    /// So many at once.
    pub burst: NonZeroU32,
    /// Whether that holds for this machine as well.
    pub loopback: Loopback,
}

impl Default for ClientLimits {
    /// A facility's terminals behind one address in a morning, and a tenth of what a core signs.
    fn default() -> Self {
        Self {
            per_second: NonZeroU32::MIN.saturating_add(199),
            burst: NonZeroU32::MIN.saturating_add(399),
            loopback: Loopback::Exempt,
        }
    }
}

/// Counts the work of each client.
pub(crate) struct WorkLimit {
    loopback: Loopback,
    limiter: RateLimiter<Client, HashMapStateStore<Client>, MonotonicClock>,
}

impl WorkLimit {
    pub(crate) fn new(limits: ClientLimits) -> Self {
        let quota = Quota::per_second(limits.per_second).allow_burst(limits.burst);
        Self {
            loopback: limits.loopback,
            limiter: RateLimiter::hashmap_with_clock(quota, MonotonicClock),
        }
    }

    /// Whether `client` may ask for another piece of work now. Who has no address may.
    pub(crate) fn admits(&self, client: Option<Client>) -> bool {
        let Some(client) = client.filter(|client| client.is_limited(self.loopback)) else {
            return true;
        };
        if self.limiter.len() > MAX_CLIENTS {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(&client).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(last: u8) -> Option<Client> {
        Some(Client::at([192, 0, 2, last].into()))
    }

    #[test]
    fn client_that_asks_too_much_waits_and_the_others_do_not() {
        let limits = ClientLimits {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::MIN.saturating_add(2),
            loopback: Loopback::Exempt,
        };
        let limit = WorkLimit::new(limits);
        let admitted = (0..50).filter(|_| limit.admits(client(1))).count();
        // Fifty questions take no second; one more passes if they do.
        assert!((3..=4).contains(&admitted), "{admitted}");
        assert!(limit.admits(client(2)));
        let near = Some(Client::at([127, 0, 0, 1].into()));
        assert!((0..50).all(|_| limit.admits(near) && limit.admits(None)));
    }
}
