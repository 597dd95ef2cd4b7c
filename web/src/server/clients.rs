//! How many connections each client has.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Client, Loopback};

/// Connections by client; the part that places give themselves back to.
type Counts = Mutex<HashMap<Client, usize>>;

/// Counts connections by client. As many entries as there are clients with a connection.
#[derive(Debug)]
pub(super) struct Clients {
    most: usize,
    loopback: Loopback,
    counts: Arc<Counts>,
}

/// A connection's place; free again when dropped.
#[derive(Debug)]
pub(super) struct Place(Option<(Client, Arc<Counts>)>);

impl Clients {
    pub(super) fn new(most: usize, loopback: Loopback) -> Self {
        Self {
            most,
            loopback,
            counts: Arc::default(),
        }
    }

    /// A place for another connection of `client`, unless it has as many as it may.
    pub(super) fn admit(&self, client: Option<Client>) -> Option<Place> {
        let Some(client) = client.filter(|client| client.is_limited(self.loopback)) else {
            return Some(Place(None));
        };
        let mut counts = self.counts.lock();
        let count = counts.entry(client).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place(Some((client, Arc::clone(&self.counts)))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((client, counts)) = self.0.take() else {
            return;
        };
        let mut counts = counts.lock();
        if let Some(count) = counts.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&client);
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
        let first = clients.admit(client(1)).unwrap();
        let second = clients.admit(client(1)).unwrap();
        assert!(clients.admit(client(1)).is_none());
        let other = clients.admit(client(2)).unwrap();
        drop(first);
        let third = clients.admit(client(1)).unwrap();
        assert!(clients.admit(client(1)).is_none());
        let near = Some(Client::at([127, 0, 0, 1].into()));
        let many: Vec<_> = [near, None]
            .repeat(50)
            .into_iter()
            .map(|it| clients.admit(it))
            .collect();
        assert!(many.iter().all(Option::is_some));
        drop((second, other, third, many));
        assert!(clients.counts.lock().is_empty());
    }
}
