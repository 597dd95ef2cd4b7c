//! One at a time for the same name: two calls with one request key, two CRLs of one shard.

use std::collections::HashSet;

use parking_lot::{Condvar, Mutex};

/// Names that are being worked on.
#[derive(Debug, Default)]
pub struct InFlight {
    names: Mutex<HashSet<String>>,
    left: Condvar,
}

/// Holds a name until dropped.
#[derive(Debug)]
pub struct Held<'a> {
    owner: &'a InFlight,
    name: String,
}

impl InFlight {
    /// Waits until nobody else holds `name`, then holds it.
    #[must_use]
    pub fn hold(&self, name: String) -> Held<'_> {
        let mut names = self.names.lock();
        while names.contains(&name) {
            self.left.wait(&mut names);
        }
        names.insert(name.clone());
        Held { owner: self, name }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.owner.names.lock().remove(&self.name);
        self.owner.left.notify_all();
    }
}
