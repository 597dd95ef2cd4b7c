//! Checking, proving and reading the ledger.

use std::ops::ControlFlow;

use kasane_ca_core::{Authority, Error, blob};
use kasane_ledger::checkpoint::Checkpoint;
use kasane_ledger::proof::LogProof;
use kasane_ledger::{CheckpointVerifier, Ledger, leaf_hash};
use kasane_ledger_schema::{DecodeError, Entry, Event};
use kasane_verify::spki;

use super::certificates::find;
use crate::control::{
    Entries, ExitClass, LedgerEntries, LedgerReport, Problem, Proof, Provable, entry_view,
};

/// Most entries of one answer: each has at most 64 KiB, and most have less than two.
const MAX_ENTRIES: u32 = 1_000;

/// Progress is told after so many entries.
const PROGRESS_STEP: u64 = 256;

/// Entries among which the ledger's own key is noted: the first batch of a ledger.
const KEY_WITHIN: u64 = 64;

/// Rehashes every entry and tile, compares journal and private records, checks the published
/// checkpoint with the key that the ledger itself names, and then every blob that an entry refers to.
/// `progress` gets entries done and to do, first of the hashes and then of the blobs.
///
/// # Errors
/// `ledger.tampered` names the first entry that does not fit; `ledger.blob-missing` and
/// `ledger.blob-damaged` name the blob and its entry; `ledger.checkpoint-missing`.
pub fn audit(ledger: &Ledger, progress: &mut dyn FnMut(u64, u64)) -> Result<LedgerReport, Problem> {
    let report = ledger.verify_all(progress)?;
    let verifier = recorded_key(ledger)?;
    let checkpoint = match ledger.latest_checkpoint() {
        Some(note) => {
            let checkpoint = verifier.open(&note).map_err(kasane_ledger::Error::from)?;
            Some(checkpoint.size)
        }
        None if report.entries == 0 => None,
        None => return Err(checkpoint_missing(report.entries)),
    };
    let blobs = check_blobs(ledger, report.entries, progress)?;
    let head = ledger.head();
    Ok(LedgerReport {
        origin: ledger.origin().to_owned(),
        entries: report.entries,
        root: head.root.to_string(),
        private_records: report.private_records,
        tiles: report.tiles,
        journal_entries: report.journal_entries,
        bytes: report.bytes,
        blobs,
        checkpoint_size: checkpoint,
        verifier_key: verifier.vkey(),
    })
}

/// Checks the blobs of the first `size` entries; how many there were.
fn check_blobs(
    ledger: &Ledger,
    size: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, Problem> {
    let mut blobs = 0;
    let mut problem = None;
    ledger.entries(0, |index, bytes| {
        if index >= size {
            return ControlFlow::Break(());
        }
        match check_blob_of(ledger, index, bytes) {
            Ok(found) => blobs += u64::from(found),
            Err(found) => {
                problem = Some(found);
                return ControlFlow::Break(());
            }
        }
        if index % PROGRESS_STEP == 0 {
            progress(index, size);
        }
        ControlFlow::Continue(())
    })?;
    match problem {
        Some(problem) => Err(problem),
        None => Ok(blobs),
    }
}

/// Checks the blob of an entry; whether it has one.
fn check_blob_of(ledger: &Ledger, index: u64, bytes: &[u8]) -> Result<bool, Problem> {
    let entry = Entry::from_bytes(bytes).map_err(|error| unreadable(index, &error))?;
    let blob = match &entry.event {
        Event::DocumentAdopted(it) => &it.content,
        Event::CrlRecorded(it) => &it.tbs,
        Event::CrlImported(it) => &it.crl,
        Event::KeyImported(it) => match &it.attestation {
            Some(attestation) => attestation,
            None => return Ok(false),
        },
        Event::KeyGenerated(it) => match &it.attestation {
            Some(attestation) => attestation,
            None => return Ok(false),
        },
        _ => return Ok(false),
    };
    let kind = entry.event.kind().name();
    let blob = blob::reference(blob).ok_or_else(|| {
        let message = format!("entry {index} ({kind}): its blob is named by no SHA-256");
        Problem::new(ExitClass::Integrity, "ledger.entry", message)
    })?;
    ledger.check_blob(&blob).map_err(|error| {
        let Problem {
            code,
            message,
            class,
        } = error.into();
        let message = format!("entry {index} ({kind}): {message}");
        Problem {
            code,
            message,
            class,
        }
    })?;
    Ok(true)
}

fn unreadable(index: u64, error: &DecodeError) -> Problem {
    let message = format!("entry {index}: {error}");
    Problem::new(ExitClass::Integrity, "ledger.entry", message)
}

fn checkpoint_missing(entries: u64) -> Problem {
    let message = format!(
        "the ledger has {entries} entries and no published checkpoint, so nothing says that none is \
         missing at its end: compare it with a copy, or with a checkpoint kept elsewhere, before the \
         authority signs another"
    );
    Problem::new(ExitClass::Integrity, "ledger.checkpoint-missing", message)
}

/// Reads and decodes entries.
///
/// # Errors
/// [`ExitClass::NotFound`] beyond the end; what does not fit otherwise.
pub fn read_entries(ledger: &Ledger, question: &LedgerEntries) -> Result<Entries, Problem> {
    let size = ledger.size();
    if question.from >= size {
        return Err(kasane_ledger::Error::NoSuchEntry {
            index: question.from,
            size,
        }
        .into());
    }
    let limit = question.limit.clamp(1, MAX_ENTRIES) as usize;
    let mut entries = Vec::new();
    let mut problem = None;
    ledger.entries(question.from, |index, bytes| {
        match Entry::from_bytes(bytes) {
            Ok(entry) => entries.push(entry_view(index, &entry)),
            Err(error) => {
                problem = Some(unreadable(index, &error));
                return ControlFlow::Break(());
            }
        }
        if entries.len() >= limit {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    match problem {
        Some(problem) => Err(problem),
        None => Ok(Entries { entries, size }),
    }
}

/// Proves an entry under a signed checkpoint, and verifies the proof before it is given out.
pub(in crate::control) fn prove(authority: &Authority, what: &Provable) -> Result<Proof, Problem> {
    let ledger = authority.ledger();
    let index = match what {
        Provable::Index(index) => *index,
        Provable::Record(serial) => find(authority, serial, None)?.row.record,
        Provable::Outcome(serial) => {
            let row = find(authority, serial, None)?.row;
            row.outcome.ok_or_else(|| Error::NotFound {
                kind: "outcome",
                name: serial.clone(),
                hint: ": the certificate is about to be signed",
            })?
        }
    };
    let bytes = ledger.entry(index)?;
    let verifier = authority.ledger_key().verifier();
    let (note, checkpoint) = covering(authority, verifier, index)?;
    let proof = ledger.prove_inclusion(index, checkpoint.size)?;
    let leaf = leaf_hash(&bytes);
    let proof = LogProof::new(proof, note);
    proof
        .verify(&leaf, verifier)
        .map_err(|error| Problem::new(ExitClass::Integrity, error.code(), error.to_string()))?;
    let entry = Entry::from_bytes(&bytes).map_err(Error::from)?;
    Ok(Proof {
        index,
        kind: entry.event.kind().name().to_owned(),
        size: checkpoint.size,
        leaf_hash: leaf.to_string(),
        verifier_key: verifier.vkey(),
        proof: proof.to_text(),
    })
}

/// The published checkpoint if it covers the entry, else a new one.
fn covering(
    authority: &Authority,
    verifier: &CheckpointVerifier,
    index: u64,
) -> Result<(String, Checkpoint), Problem> {
    let open = |note: &str| verifier.open(note).map_err(kasane_ledger::Error::from);
    if let Some(note) = authority.ledger().latest_checkpoint() {
        let checkpoint = open(&note)?;
        if checkpoint.size > index {
            return Ok((note, checkpoint));
        }
    }
    let note = authority.checkpoint()?;
    let checkpoint = open(&note)?;
    Ok((note, checkpoint))
}

/// The key that signs checkpoints, as one of the first entries names it.
fn recorded_key(ledger: &Ledger) -> Result<CheckpointVerifier, Problem> {
    let mut spki = None;
    ledger.entries(0, |index, bytes| match Entry::from_bytes(bytes) {
        Ok(Entry {
            event: Event::KeyGenerated(key),
            ..
        }) if key.role == "ledger" => {
            spki = Some(key.spki);
            ControlFlow::Break(())
        }
        _ if index >= KEY_WITHIN => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })?;
    let missing = || {
        let message = "the ledger does not name its own Ed25519 key in its first entries";
        Problem::new(ExitClass::Integrity, "ledger.key", message)
    };
    let spki = spki.ok_or_else(missing)?;
    let key = spki::key_bytes(spki.as_bytes()).map_err(|_| missing())?;
    let key = key.try_into().map_err(|_| missing())?;
    CheckpointVerifier::new(ledger.origin(), key).map_err(|_| missing())
}
