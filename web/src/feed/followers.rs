//! When each edge was last heard of.

use std::collections::HashMap;
use std::sync::Arc;

use kasane_verify::UnixTime;
use parking_lot::Mutex;

/// When each edge was last heard of. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Followers(Arc<Mutex<HashMap<String, Seen>>>);

/// What an edge last said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: UnixTime,
    /// It had the entries below this one.
    pub entries: u64,
}

impl Followers {
    /// An edge asked. Only who is enrolled gets here, so there are as many as that.
    pub(super) fn heard(&self, name: &str, seen: Seen) {
        self.0.lock().insert(name.to_owned(), seen);
    }

    /// What the edge of that name last said, since the service began.
    #[must_use]
    pub fn seen(&self, name: &str) -> Option<Seen> {
        self.0.lock().get(name).copied()
    }
}
