//! Inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2) and their verification
//! (RFC 9162 §2.1.3.2, §2.1.4.2). Needs no ledger.

mod text;

pub use text::{LogProof, ProofTextError};

use crate::hash::{Hash, node_hash};

/// Hashes in a proof over 64-bit sizes: one per level, and one to start a consistency proof from.
pub const MAX_PROOF_HASHES: usize = 65;

/// Shows that a leaf is in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// Index of the leaf.
    pub index: u64,
    /// Size of the tree.
    pub size: u64,
    /// From the leaf's sibling to the root's child.
    pub hashes: Vec<Hash>,
}

/// Shows that a tree is the beginning of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Size of the older tree.
    pub old_size: u64,
    /// Size of the newer tree.
    pub new_size: u64,
    /// In the order of RFC 6962 §2.1.2.
    pub hashes: Vec<Hash>,
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Index or sizes do not fit each other.
    #[error("proof is for index or size {from} of {to}: outside of the tree")]
    Range {
        /// Leaf index or older size.
        from: u64,
        /// Tree size.
        to: u64,
    },
    /// Too few or too many hashes.
    #[error("proof has {found} hashes, which is not its length for these sizes")]
    Length {
        /// Hashes in the proof.
        found: usize,
    },
    /// The hashes lead to another root than the one given.
    #[error("proof does not lead to the root: got {found}, want {expected}")]
    Root {
        /// Root given.
        expected: Hash,
        /// Root computed.
        found: Hash,
    },
}

impl ProofError {
    /// Stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Range { .. } => "proof.range",
            Self::Length { .. } => "proof.length",
            Self::Root { .. } => "proof.root",
        }
    }
}

/// Checks that the leaf is in the tree with this root.
///
/// # Errors
/// [`ProofError`] says what does not fit.
pub fn verify_inclusion(
    leaf: &Hash,
    proof: &InclusionProof,
    root: &Hash,
) -> Result<(), ProofError> {
    if proof.index >= proof.size {
        return Err(ProofError::Range {
            from: proof.index,
            to: proof.size,
        });
    }
    let wrong_length = ProofError::Length {
        found: proof.hashes.len(),
    };
    // RFC 9162 §2.1.3.2
    let (mut node, mut last) = (proof.index, proof.size - 1);
    let mut hash = *leaf;
    for sibling in &proof.hashes {
        if last == 0 {
            return Err(wrong_length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same(&hash, root)
}

/// Checks that the tree with the old root is the beginning of the tree with the new root.
///
/// # Errors
/// [`ProofError`] says what does not fit.
pub fn verify_consistency(
    proof: &ConsistencyProof,
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofError> {
    let (old, new) = (proof.old_size, proof.new_size);
    let wrong_length = ProofError::Length {
        found: proof.hashes.len(),
    };
    if old > new {
        return Err(ProofError::Range { from: old, to: new });
    }
    if old == 0 || old == new {
        if !proof.hashes.is_empty() {
            return Err(wrong_length);
        }
        // Every tree begins with the empty one.
        let expected = if old == 0 {
            Hash::empty_root()
        } else {
            *new_root
        };
        return same(old_root, &expected);
    }
    // RFC 9162 §2.1.4.2: a perfect old tree is itself the first hash.
    let given = proof.hashes.iter().copied();
    let mut hashes = old
        .is_power_of_two()
        .then_some(*old_root)
        .into_iter()
        .chain(given);
    let shift = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> shift, (new - 1) >> shift);
    let first = hashes.next().ok_or(wrong_length)?;
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in hashes {
        if last == 0 {
            return Err(wrong_length);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(&sibling, &old_hash);
            new_hash = node_hash(&sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, &sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    same(&old_hash, old_root)?;
    same(&new_hash, new_root)
}

fn same(found: &Hash, expected: &Hash) -> Result<(), ProofError> {
    if found == expected {
        return Ok(());
    }
    Err(ProofError::Root {
        expected: *expected,
        found: *found,
    })
}

#[cfg(test)]
mod tests;
