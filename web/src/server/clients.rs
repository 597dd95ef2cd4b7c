//! How many connections each client has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::seldom::Seldom;
use super::{Allowance, Client, Loopback};

/// On whose account a connection goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Account {
    /// One client like any other.
    Client(Client),
    /// A trusted address, by itself.
    Trusted(IpAddr),
}

/// Connections by account; the part that places give themselves back to.
type Counts = Mutex<HashMap<Account, usize>>;

/// Counts connections by client. As many entries as there are clients with a connection.
#[derive(Debug)]
pub(super) struct Clients {
    most: usize,
    loopback: Loopback,
    counts: Arc<Counts>,
    told: Seldom,
}

/// A connection's place; free again when dropped.
#[derive(Debug)]
pub(super) struct Place(Option<(Account, Arc<Counts>)>);

impl Clients {
    pub(super) fn new(most: usize, loopback: Loopback) -> Self {
        Self {
            most,
            loopback,
            counts: Arc::default(),
            told: Seldom::new(),
        }
    }

    /// A place for another connection of `client`, unless it has as many as it may; `trusted` is what
    /// it may take if it is more than just anybody.
    pub(super) fn admit(
        &self,
        client: Option<Client>,
        trusted: Option<Allowance>,
    ) -> Option<Place> {
        let Some(client) = client else {
            return Some(Place(None));
        };
        let (account, most) = match trusted.map(|it| it.connections) {
            Some(Some(most)) => (Account::Trusted(client.address()), most.get()),
            None if client.is_limited(self.loopback) => (Account::Client(client), self.most),
            Some(None) | None => return Some(Place(None)),
        };
        let mut counts = self.counts.lock();
        let count = counts.entry(account).or_insert(0);
        if *count < most {
            *count += 1;
            return Some(Place(Some((account, Arc::clone(&self.counts)))));
        }
        drop(counts);
        if self.told.is_due() {
            tracing::warn!(
                client.address = %client.address(),
                most,
                "connection refused: the client has too many; systems that speak for many can be \
                 trusted with more"
            );
        }
        None
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((account, counts)) = self.0.take() else {
            return;
        };
        let mut counts = counts.lock();
        if let Some(count) = counts.get_mut(&account) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_has_so_many_places_and_leaves_nothing_behind() {
        let clients = Clients::new(2, Loopback::Exempt);
        let client = |last: u8| Some(Client::at([192, 0, 2, last].into()));
        let first = clients.admit(client(1), None).unwrap();
        let second = clients.admit(client(1), None).unwrap();
        assert!(clients.admit(client(1), None).is_none());
        let other = clients.admit(client(2), None).unwrap();
        drop(first);
        let third = clients.admit(client(1), None).unwrap();
        assert!(clients.admit(client(1), None).is_none());
        let near = Some(Client::at([127, 0, 0, 1].into()));
        let many: Vec<_> = [near, None]
            .repeat(50)
            .into_iter()
            .map(|it| clients.admit(it, None))
            .collect();
        assert!(many.iter().all(Option::is_some));
        drop((second, other, third, many));
        assert!(clients.counts.lock().is_empty());
    }
    #[test]
    fn trusted_address_has_its_own_number_and_takes_nobody_elses_place() {
        let clients = Clients::new(1, Loopback::Limited);
        let at = |text: &str| Some(Client::at(text.parse().unwrap()));
        let most = |most: usize| {
            Some(Allowance {
                connections: std::num::NonZeroUsize::new(most),
                work: None,
            })
        };
        let many: Vec<_> = (0..50)
            .map(|_| clients.admit(at("192.0.2.1"), most(0)))
            .collect();
        assert!(many.iter().all(Option::is_some));
        // Two hosts of an IPv6 network, each by itself, and everybody else there.
        let held: Vec<_> = ["2001:db8::1", "2001:db8::2"]
            .repeat(3)
            .into_iter()
            .map(|address| clients.admit(at(address), most(2)))
            .collect();
        assert_eq!(held.iter().filter(|it| it.is_some()).count(), 4);
        let third = clients.admit(at("2001:db8::3"), None);
        assert!(third.is_some());
        assert!(clients.admit(at("2001:db8::4"), None).is_none());
        // Trust may also mean less than this machine has without it.
        let near = clients.admit(at("127.0.0.1"), most(1));
        assert!(near.is_some());
        assert!(clients.admit(at("127.0.0.1"), most(1)).is_none());
        drop((many, held, third, near));
        assert!(clients.counts.lock().is_empty());
    }
}
