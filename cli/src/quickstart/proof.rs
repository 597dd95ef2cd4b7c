//! One certificate's inclusion in the ledger, proven as an auditor would.

use kasane_ca_core::authority::Authority;
use kasane_ledger::leaf_hash;
use kasane_ledger::proof::LogProof;

use super::QuickstartError;

/// A proof that held.
pub(super) struct Proven {
    /// The entry.
    pub(super) index: u64,
    /// Entries that the checkpoint covers.
    pub(super) size: u64,
    /// The proof, C2SP tlog-proof.
    pub(super) text: String,
}

/// Signs a checkpoint, proves the entry under it, and checks the proof's text with nothing but the
/// entry and the ledger's public key.
pub(super) fn prove(authority: &Authority, index: u64) -> Result<Proven, QuickstartError> {
    let checkpoint = authority.checkpoint()?;
    let verifier = kasane_ca_core::signing::LedgerKey::verifier(authority.ledger_key());
    let failed = |reason: String| QuickstartError::Proof { index, reason };
    let head = verifier
        .open(&checkpoint)
        .map_err(|error| failed(error.to_string()))?;
    let ledger = authority.ledger();
    let proof = ledger
        .prove_inclusion(index, head.size)
        .map_err(kasane_ca_core::Error::from)?;
    let text = LogProof::new(proof, checkpoint).to_text();
    let entry = ledger.entry(index).map_err(kasane_ca_core::Error::from)?;
    LogProof::from_text(&text)
        .and_then(|read| read.verify(&leaf_hash(&entry), verifier))
        .map_err(|error| failed(error.to_string()))?;
    Ok(Proven {
        index,
        size: head.size,
        text,
    })
}
