//! The Merkle tree: its right edge in memory, and hashes of ranges from stored subtrees.

mod edge;
mod range;

pub(crate) use edge::{Edge, FullTile};
pub(crate) use range::{Subtrees, consistency_path, inclusion_path, range_hash};

use crate::hash::{Hash, node_hash};

/// Root of a perfect subtree over `hashes`, whose number is a power of two.
pub(crate) fn perfect_root(hashes: &[Hash]) -> Option<Hash> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        let (pairs, _) = row.as_chunks::<2>();
        row = pairs
            .iter()
            .map(|[left, right]| node_hash(left, right))
            .collect();
    }
    row.first().copied()
}

#[cfg(test)]
mod tests;
