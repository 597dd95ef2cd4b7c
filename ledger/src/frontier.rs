//! The right edge of a tree, for those who go on from it.

use crate::hash::{Hash, TreeHead};
use crate::tree::Edge;

/// Where a tree ends: enough to say its root after further leaves, in O(log n) memory.
#[derive(Clone, Debug)]
pub struct Frontier(pub(crate) Edge);

impl Frontier {
    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        // Who only wants the root needs no tiles.
        let mut full = Vec::new();
        self.0.push(leaf, &mut full);
    }

    /// Size and root so far.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        self.0.head()
    }
}
