//! What was received, held against what was signed.

use kasane_ledger::checkpoint::Checkpoint;
use kasane_ledger::proof::verify_consistency;
use kasane_ledger::{ConsistencyProof, Frontier, Hash, TreeHead, leaf_hash};

use super::FollowError;

/// What a checkpoint says of received entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Covered {
    /// So many of them, from the first on, and the tree then ends where the checkpoint does.
    Exactly(usize),
    /// All of them: they are the beginning of what it signed.
    All,
}

/// Checks entries that follow a durable tree against a checkpoint that is at least as large as that
/// tree. `proof` goes from the end of the entries to the checkpoint.
///
/// # Errors
/// [`FollowError::Fork`] or [`FollowError::NotBeginning`].
pub(super) fn check(
    mut tree: Frontier,
    entries: &[&[u8]],
    checkpoint: &Checkpoint,
    proof: &[Hash],
) -> Result<Covered, FollowError> {
    let signed = checkpoint.head();
    let durable = tree.head().size;
    let received = durable + entries.len() as u64;
    let count = usize::try_from(signed.size.saturating_sub(durable)).unwrap_or(usize::MAX);
    for entry in entries.iter().take(count) {
        tree.push(leaf_hash(entry));
    }
    if received < signed.size {
        let proof = ConsistencyProof {
            old_size: received,
            new_size: signed.size,
            hashes: proof.to_vec(),
        };
        verify_consistency(&proof, &tree.head().root, &signed.root)?;
        return Ok(Covered::All);
    }
    same(signed, tree.head().root)?;
    Ok(Covered::Exactly(count))
}

/// Whether the root at the checkpoint's size is the one that was signed.
pub(super) fn same(signed: TreeHead, received: Hash) -> Result<(), FollowError> {
    if signed.root == received {
        return Ok(());
    }
    Err(FollowError::Fork {
        size: signed.size,
        signed: signed.root,
        received,
    })
}
