//! Hashes of ranges and paths of proofs (RFC 6962 §2.1), from perfect subtrees.

use std::ops::Range;

use crate::hash::{Hash, node_hash};

/// Where perfect subtrees come from.
pub(crate) trait Subtrees {
    type Error;

    /// Root of leaves `[index << height, (index + 1) << height)`.
    fn subtree(&self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// MTH of a non-empty range that starts on a boundary of its greatest power of two.
pub(crate) fn range_hash<S: Subtrees>(source: &S, range: Range<u64>) -> Result<Hash, S::Error> {
    let length = range.end - range.start;
    if length == 0 {
        return Ok(Hash::empty_root());
    }
    if length.is_power_of_two() {
        let height = length.ilog2();
        return source.subtree(height, range.start >> height);
    }
    let middle = range.start + split(length);
    let left = range_hash(source, range.start..middle)?;
    let right = range_hash(source, middle..range.end)?;
    Ok(node_hash(&left, &right))
}

/// PATH(index, D[size]) of RFC 6962 §2.1.1, from the leaf's sibling to the root's child.
pub(crate) fn inclusion_path<S: Subtrees>(
    source: &S,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, S::Error> {
    let mut path = Vec::new();
    let mut range = 0..size;
    while range.end - range.start > 1 {
        let middle = range.start + split(range.end - range.start);
        if index < middle {
            path.push(range_hash(source, middle..range.end)?);
            range.end = middle;
        } else {
            path.push(range_hash(source, range.start..middle)?);
            range.start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// PROOF(old, D[new]) of RFC 6962 §2.1.2; empty when the sizes are equal or `old` is zero.
pub(crate) fn consistency_path<S: Subtrees>(
    source: &S,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, S::Error> {
    let mut path = Vec::new();
    if old == 0 || old == new {
        return Ok(path);
    }
    let mut range = 0..new;
    let mut known = true;
    // SUBPROOF(m, D[n], b), with m given as the absolute index `old`.
    while old != range.end {
        let middle = range.start + split(range.end - range.start);
        if old <= middle {
            path.push(range_hash(source, middle..range.end)?);
            range.end = middle;
        } else {
            path.push(range_hash(source, range.start..middle)?);
            range.start = middle;
            known = false;
        }
    }
    if !known {
        path.push(range_hash(source, range)?);
    }
    path.reverse();
    Ok(path)
}

/// Greatest power of two below `length`, which is at least two.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}
