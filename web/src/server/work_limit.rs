//! How much work a client may ask for.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::MonotonicClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::{Client, Loopback, Rate, Seldom, Trusted};

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
    /// A facility's terminals behind one address in a morning, and a tenth of what a core signs. Systems
    /// that ask for the whole network are [`Trusted`] with more.
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
    everybody: Limiter,
    trusted: Arc<Trusted>,
    /// By number of the group; none for those who may ask for anything.
    groups: Vec<Option<Limiter>>,
    told: Seldom,
}

/// By address, or by what stands for its network.
type Limiter = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, MonotonicClock>;

impl WorkLimit {
    pub(crate) fn new(limits: ClientLimits) -> Self {
        Self::trusting(limits, Arc::default())
    }

    /// The same, but for those who are trusted with a rate of their own.
    pub(crate) fn trusting(limits: ClientLimits, trusted: Arc<Trusted>) -> Self {
        let limiter = |rate: Rate| {
            let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
            RateLimiter::hashmap_with_clock(quota, MonotonicClock)
        };
        let (per_second, burst) = (limits.per_second, limits.burst);
        let groups = trusted.allowances().iter();
        Self {
            loopback: limits.loopback,
            everybody: limiter(Rate { per_second, burst }),
            groups: groups.map(|it| it.work.map(limiter)).collect(),
            trusted,
            told: Seldom::new(),
        }
    }

    /// Whether `client` may ask for another piece of work now. Who has no address may.
    pub(crate) fn admits(&self, client: Option<Client>) -> bool {
        let Some(client) = client else {
            return true;
        };
        let (limiter, key) = match self.trusted.group_of(client) {
            Some(group) => match self.groups.get(group) {
                Some(Some(limiter)) => (limiter, client.address()),
                _ => return true,
            },
            None if client.is_limited(self.loopback) => (&self.everybody, client.network()),
            None => return true,
        };
        if limiter.len() > MAX_CLIENTS {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        let admitted = limiter.check_key(&key).is_ok();
        if !admitted && self.told.is_due() {
            tracing::warn!(
                client.address = %client.address(),
                "a client asks for more work than it may, and is told to try later; systems that \
                 speak for many can be trusted with more (limits.toml)"
            );
        }
        admitted
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

    #[test]
    fn trusted_addresses_have_a_rate_of_their_own_or_none() {
        use crate::server::Allowance;

        let limits = ClientLimits {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::MIN,
            loopback: Loopback::Limited,
        };
        let work = |burst: u32| Rate {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::new(burst).unwrap(),
        };
        let group = |network: &str, work: Option<Rate>| {
            let connections = None;
            let allowance = Allowance { connections, work };
            (vec![network.parse().unwrap()], allowance)
        };
        let trusted = Trusted::new([
            group("192.0.2.0/28", None),
            group("2001:db8::/64", Some(work(10))),
        ]);
        let limit = WorkLimit::trusting(limits, Arc::new(trusted));
        let admitted = |address: &str| {
            let client = Some(Client::at(address.parse().unwrap()));
            (0..50).filter(|_| limit.admits(client)).count()
        };
        assert_eq!(admitted("192.0.2.1"), 50);
        // Each host of the network for itself; one more comes up each second.
        for host in ["2001:db8::1", "2001:db8::2"] {
            assert!((10..=13).contains(&admitted(host)), "{host}");
        }
        for other in ["192.0.2.16", "2001:db8:0:1::1", "127.0.0.1"] {
            assert!((1..=4).contains(&admitted(other)), "{other}");
        }
    }
}
