//! Ledger entries, checkpoints and proofs, as an auditor receives them.
#![no_main]

use kasane_ledger::checkpoint::Checkpoint;
use kasane_ledger::proof::LogProof;
use kasane_ledger::CheckpointVerifier;
use kasane_ledger_schema::Entry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(entry) = Entry::from_bytes(data) {
        // Canonical: what is read is written back to the octet.
        assert_eq!(entry.to_bytes().unwrap(), data);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = Checkpoint::from_text(text);
    let _ = LogProof::from_text(text);
    if let Ok(verifier) = CheckpointVerifier::from_vkey(text) {
        assert_eq!(verifier.vkey(), text);
    }
});
