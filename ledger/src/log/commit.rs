//! Two stages: one thread writes and syncs groups of batches, the next hashes, derives, shows them to
//! the observer and answers. The disk works on a group while the one before is applied.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::{Mutex, RwLock};

use crate::error::{Error, Stop};
use crate::hash::{Hash, leaf_hash};
use crate::journal::{JournalWriter, WriteFailure};
use crate::log::answer::Answer;
use crate::log::api::{Appended, Batch, Observer};
use crate::log::{FRAMING_BYTES, Inner, Ledger, Shared, Threads};

/// A batch that waits, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) batch: Batch,
    pub(crate) reply: Answer,
}

/// Batches that became durable together.
struct Group {
    requests: Vec<Request>,
    first_index: u64,
    first_private: u64,
}

/// Times that other threads are let run before a group goes to disk smaller than it could be. A lone
/// caller never waits for it.
const MOST_YIELDS: u32 = 8;

/// Groups that may wait for the second stage. More would only make answers later.
const GROUPS_AHEAD: usize = 2;

pub(super) fn start(
    shared: Arc<Shared>,
    writer: JournalWriter,
    observer: Box<dyn Observer>,
) -> Result<Ledger, Error> {
    let (queue, requests) = bounded(shared.options.queue_length.max(1));
    let (groups, to_apply) = bounded(GROUPS_AHEAD);
    let (wake, woken) = bounded(1);
    let dir = shared.store.files.dir.clone();
    let failed = |e| Error::io("starting a thread for", &dir, e);
    let named = |name: &str| thread::Builder::new().name(name.to_owned());
    let s = Arc::clone(&shared);
    let writer = named("ledger-write")
        .spawn(move || write_loop(&s, &requests, &groups, &wake, writer))
        .map_err(failed)?;
    let s = Arc::clone(&shared);
    let applier = named("ledger-apply")
        .spawn(move || apply_loop(&s, &to_apply, observer))
        .map_err(failed)?;
    let s = Arc::clone(&shared);
    let flusher = named("ledger-flush")
        .spawn(move || flush_loop(&s, &woken))
        .map_err(failed)?;
    let threads = Mutex::new(Some(Threads {
        writer,
        applier,
        flusher,
    }));
    Ok(Ledger {
        inner: Arc::new(Inner {
            shared,
            queue: RwLock::new(Some(queue)),
            threads,
        }),
    })
}

fn write_loop(
    shared: &Shared,
    requests: &Receiver<Request>,
    groups: &Sender<Group>,
    wake: &Sender<()>,
    mut writer: JournalWriter,
) -> JournalWriter {
    let mut callers = 1;
    while let Ok(first) = requests.recv() {
        let gathered = gather(first, requests, shared.options.group_bytes, callers);
        callers = gathered.len();
        if let Err(error) = shared.check_running() {
            answer_all(&gathered, &error);
            continue;
        }
        let before = writer.position();
        let batches: Vec<&Batch> = gathered.iter().map(|request| &request.batch).collect();
        if let Err(failure) = writer.write_group(&batches) {
            let WriteFailure { error, stop } = *failure;
            tracing::error!(%error, batches = batches.len(), "append failed");
            if let Some(stop) = stop {
                shared.stop(stop);
            }
            answer_all(&gathered, &error);
            continue;
        }
        let (first_index, first_private) = (before.index, before.private);
        if groups
            .send(Group {
                requests: gathered,
                first_index,
                first_private,
            })
            .is_err()
        {
            // Only when the second stage panicked: its state is unknown.
            shared.stop(Stop::Observer {
                index: first_index,
                reason: "it panicked".to_owned(),
            });
            continue;
        }
        if writer.length_bytes() >= shared.options.segment_bytes {
            rotate(shared, &mut writer, wake);
        }
    }
    writer
}

/// The first batch and all that wait with it. When many callers came together the last time, they have
/// just been answered and are about to come again: they get the processor before the disk is asked.
fn gather(
    first: Request,
    requests: &Receiver<Request>,
    limit_bytes: u64,
    callers: usize,
) -> Vec<Request> {
    let mut bytes = batch_bytes(&first.batch);
    let mut gathered = vec![first];
    let mut yields = 0;
    while bytes < limit_bytes {
        if let Ok(request) = requests.try_recv() {
            bytes += batch_bytes(&request.batch);
            gathered.push(request);
        } else if gathered.len() < callers / 2 && yields < MOST_YIELDS {
            thread::yield_now();
            yields += 1;
        } else {
            break;
        }
    }
    gathered
}

fn batch_bytes(batch: &Batch) -> u64 {
    let entries = batch
        .entries
        .iter()
        .map(|entry| entry.len() as u64 + FRAMING_BYTES);
    entries
        .chain(
            batch
                .private
                .iter()
                .map(|p| p.bytes.len() as u64 + FRAMING_BYTES),
        )
        .sum()
}

fn answer_all(requests: &[Request], error: &Error) {
    for request in requests {
        request.reply.give(Err(error.clone()));
    }
}

fn rotate(shared: &Shared, writer: &mut JournalWriter, wake: &Sender<()>) {
    match writer.rotate() {
        Ok(()) => {
            shared.segments.lock().0.push(writer.segment());
            let _awake_already = wake.try_send(());
        }
        // The present segment just grows; the next group tries again.
        Err(error) => tracing::warn!(%error, "no new journal segment yet"),
    }
}

fn apply_loop(shared: &Shared, groups: &Receiver<Group>, observer: Box<dyn Observer>) {
    let mut observer = Some(observer);
    while let Ok(mut group) = groups.recv() {
        let leaves: Vec<Vec<Hash>> = group
            .requests
            .iter()
            .map(|r| leaf_hashes(&r.batch))
            .collect();
        push(shared, &group.requests, &leaves);
        match shared.store.derive() {
            // Stays in memory; the journal has it, and the next flush tries again.
            Ok(()) => {}
            Err(error) if error.may_pass() => {}
            Err(error @ Error::Tampered { .. }) => shared.stop(Stop::Tampered(error.to_string())),
            Err(error) => shared.stop(Stop::Write(error.to_string())),
        }
        let counts: Vec<(u64, u64)> = group.requests.iter().map(|r| counts(&r.batch)).collect();
        let entries: Vec<Vec<u8>> = group
            .requests
            .iter_mut()
            .flat_map(|r| std::mem::take(&mut r.batch.entries))
            .collect();
        if let Err(error) = observe(shared, &mut observer, group.first_index, &entries) {
            answer_all(&group.requests, &error);
            continue;
        }
        let (mut first_index, mut first_private) = (group.first_index, group.first_private);
        for (request, (count, private)) in group.requests.iter().zip(counts) {
            let appended = Appended {
                first_index,
                count,
                first_private,
            };
            request.reply.give(Ok(appended));
            first_index += count;
            first_private += private;
        }
    }
}

fn leaf_hashes(batch: &Batch) -> Vec<Hash> {
    batch.entries.iter().map(|entry| leaf_hash(entry)).collect()
}

fn counts(batch: &Batch) -> (u64, u64) {
    (batch.entries.len() as u64, batch.private.len() as u64)
}

fn push(shared: &Shared, requests: &[Request], leaves: &[Vec<Hash>]) {
    let mut live = shared.store.live.write();
    for (Request { batch, .. }, leaves) in requests.iter().zip(leaves) {
        let entries = leaves
            .iter()
            .copied()
            .zip(batch.entries.iter().map(Vec::as_slice));
        live.push(entries, batch.private.iter().map(|p| p.bytes.as_slice()));
    }
}

/// Shows entries to the observer until it fails once.
fn observe(
    shared: &Shared,
    observer: &mut Option<Box<dyn Observer>>,
    index: u64,
    entries: &[Vec<u8>],
) -> Result<(), Error> {
    let outcome = match observer {
        None => Err("it failed on an earlier entry".to_owned()),
        Some(_) if entries.is_empty() => Ok(()),
        Some(observer) => catch_unwind(AssertUnwindSafe(|| observer.committed(index, entries)))
            .unwrap_or_else(|_| Err("it panicked".to_owned())),
    };
    outcome.map_err(|reason| {
        *observer = None;
        shared.stop(Stop::Observer {
            index,
            reason: reason.clone(),
        });
        Error::Observer { index, reason }
    })
}

/// Flushes after each segment, so that the journal stays short between checkpoints.
fn flush_loop(shared: &Shared, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        if let Err(error) = shared.flush() {
            tracing::warn!(%error, "tiles were not flushed; the journal keeps their entries");
        }
    }
}
