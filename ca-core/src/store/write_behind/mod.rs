//! Tables that gather writes in memory and hand them on in large steps.
//!
//! A certificate's rows change several times within milliseconds; the backend below sees the last
//! state only, a few thousand rows at once. Each step is one commit of the backend, progress
//! included, so a killed process finds an older but whole projection and catches up from the
//! ledger.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex, RwLock};

use super::{Pair, StoreError, Table, Tables, Visit, WriteSet};

/// Rows gathered before they are handed on: about two megabytes. Large ones count for more.
const STEP_ROWS: usize = 8_192;

/// Rows at which writers wait for the backend: bounds memory to some ten megabytes.
const MOST_ROWS: usize = 4 * STEP_ROWS;

type Rows = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
type Layer = BTreeMap<Table, Rows>;

/// Tables over a slower backend.
pub struct WriteBehind {
    shared: Arc<Shared>,
    steps: Option<Sender<Arc<Layer>>>,
    writer: Option<JoinHandle<()>>,
}

struct Shared {
    backend: Arc<dyn Tables>,
    layers: RwLock<Layers>,
    /// Whether a step is under way; its end is announced.
    busy: Mutex<bool>,
    idle: Condvar,
}

#[derive(Default)]
struct Layers {
    gathered: Layer,
    gathered_rows: usize,
    /// What the writer is handing on; readable until the backend has it.
    handed: Arc<Layer>,
    failed: Option<StoreError>,
}

impl WriteBehind {
    /// Gathers writes for `backend`.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when no thread can be started.
    pub fn new(backend: Arc<dyn Tables>) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared {
            backend,
            layers: RwLock::default(),
            busy: Mutex::new(false),
            idle: Condvar::new(),
        });
        let (steps, received) = channel();
        let for_writer = Arc::clone(&shared);
        let writer = std::thread::Builder::new()
            .name("store-write".to_owned())
            .spawn(move || for_writer.write(&received))
            .map_err(|error| StoreError::Backend {
                operation: "start its writer",
                reason: error.to_string(),
            })?;
        Ok(Self {
            shared,
            steps: Some(steps),
            writer: Some(writer),
        })
    }

    /// Hands on what was gathered, unless a step is under way.
    fn step(&self) {
        let mut busy = self.shared.busy.lock();
        if *busy {
            return;
        }
        let step = {
            let mut layers = self.shared.layers.write();
            layers.gathered_rows = 0;
            layers.handed = Arc::new(std::mem::take(&mut layers.gathered));
            Arc::clone(&layers.handed)
        };
        *busy = self
            .steps
            .as_ref()
            .is_some_and(|steps| steps.send(step).is_ok());
    }

    fn wait_until_idle(&self) {
        let mut busy = self.shared.busy.lock();
        while *busy {
            self.shared.idle.wait(&mut busy);
        }
    }
}

impl Shared {
    fn write(&self, steps: &Receiver<Arc<Layer>>) {
        while let Ok(step) = steps.recv() {
            let mut writes = WriteSet::default();
            for (table, rows) in step.iter() {
                for (key, value) in rows {
                    match value {
                        Some(value) => writes.put(*table, key.clone(), value.clone()),
                        None => writes.remove(*table, key.clone()),
                    }
                }
            }
            let committed = self.backend.commit(writes);
            {
                let mut layers = self.layers.write();
                match committed {
                    Ok(()) => layers.handed = Arc::default(),
                    Err(error) => layers.failed = Some(error),
                }
            }
            *self.busy.lock() = false;
            self.idle.notify_all();
        }
    }
}

impl Layers {
    fn find(&self, table: Table, key: &[u8]) -> Option<&Option<Vec<u8>>> {
        let in_layer = |layer: &'_ Layer| -> bool {
            layer.get(&table).is_some_and(|rows| rows.contains_key(key))
        };
        let layer = if in_layer(&self.gathered) {
            &self.gathered
        } else {
            &*self.handed
        };
        layer.get(&table)?.get(key)
    }

    /// The rows above the backend under a prefix, newest state of each.
    fn range(&self, table: Table, prefix: &[u8], from: &[u8]) -> Rows {
        let mut found = Rows::new();
        for layer in [&*self.handed, &self.gathered] {
            let Some(rows) = layer.get(&table) else {
                continue;
            };
            let start = from.max(prefix).to_vec();
            let within = rows
                .range(start..)
                .take_while(|(key, _)| key.starts_with(prefix));
            found.extend(within.map(|(key, value)| (key.clone(), value.clone())));
        }
        found
    }

    /// The first row above the backend under a prefix, its newest state.
    fn first(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
    ) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        let start = Bound::Included(from.max(prefix));
        let first_of = |layer: &'_ Layer| {
            let rows = layer.get(&table)?;
            let (key, value) = rows.range::<[u8], _>((start, Bound::Unbounded)).next()?;
            key.starts_with(prefix)
                .then(|| (key.clone(), value.clone()))
        };
        match (first_of(&self.gathered), first_of(&self.handed)) {
            (Some(gathered), Some(handed)) if handed.0 < gathered.0 => Some(handed),
            (None, handed) => handed,
            (gathered, _) => gathered,
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        self.failed.clone().map_or(Ok(()), Err)
    }
}

impl Tables for WriteBehind {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(found) = self.shared.layers.read().find(table, key) {
            return Ok(found.clone());
        }
        self.shared.backend.read(table, key)
    }

    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        let above = self.shared.layers.read().range(table, prefix, from);
        let mut above = above.into_iter().peekable();
        let mut ended = false;
        self.shared
            .backend
            .scan(table, prefix, from, &mut |key, value| {
                while let Some((newer, row)) = above.next_if(|(newer, _)| newer.as_slice() < key) {
                    if row.is_some_and(|row| !visit(&newer, &row)) {
                        ended = true;
                        return false;
                    }
                }
                let go_on = match above.next_if(|(newer, _)| newer.as_slice() == key) {
                    Some((_, Some(row))) => visit(key, &row),
                    Some((_, None)) => true,
                    None => visit(key, value),
                };
                ended = !go_on;
                go_on
            })?;
        if !ended {
            for (key, row) in above {
                if row.is_some_and(|row| !visit(&key, &row)) {
                    break;
                }
            }
        }
        Ok(())
    }

    fn first(&self, table: Table, prefix: &[u8], from: &[u8]) -> Result<Option<Pair>, StoreError> {
        let mut from = from.to_vec();
        loop {
            // Before the backend: what is handed to it is seen here or there.
            let above = self.shared.layers.read().first(table, prefix, &from);
            let below = self.shared.backend.first(table, prefix, &from)?;
            let Some((key, row)) = above else {
                return Ok(below);
            };
            if let Some((lower, value)) = below
                && lower < key
            {
                return Ok(Some((lower, value)));
            }
            if let Some(value) = row {
                return Ok(Some((key, value)));
            }
            // Removed: the next one is the least key after it.
            from = key;
            from.push(0);
        }
    }

    fn wait_for_room(&self) {
        let mut busy = self.shared.busy.lock();
        while *busy && self.shared.layers.read().gathered_rows >= STEP_ROWS {
            self.shared.idle.wait(&mut busy);
        }
    }

    fn commit(&self, writes: WriteSet) -> Result<(), StoreError> {
        let rows = {
            let mut layers = self.shared.layers.write();
            layers.check()?;
            // Rows that are written again count again where they are large: nothing is lost but an early step.
            let large = writes.load().saturating_sub(writes.len());
            layers.gathered_rows += large;
            for (table, writes) in writes.into_tables() {
                let rows = layers.gathered.entry(table).or_default();
                let before = rows.len();
                rows.extend(writes);
                let added = rows.len() - before;
                layers.gathered_rows += added;
            }
            layers.gathered_rows
        };
        if rows >= MOST_ROWS {
            self.wait_until_idle();
        }
        if rows >= STEP_ROWS {
            self.step();
        }
        Ok(())
    }

    fn wipe(&self) -> Result<(), StoreError> {
        self.wait_until_idle();
        let mut layers = self.shared.layers.write();
        *layers = Layers::default();
        self.shared.backend.wipe()
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.wait_until_idle();
        self.step();
        self.wait_until_idle();
        self.shared.layers.read().check()?;
        self.shared.backend.flush()
    }
}

impl Drop for WriteBehind {
    /// Waits for the step under way, so that nobody opens the backend again beside it.
    fn drop(&mut self) {
        self.steps = None;
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was the backend's; nothing rests on this projection.
            let _ended = writer.join();
        }
    }
}

#[cfg(test)]
mod tests;
