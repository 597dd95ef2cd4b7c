//! The embedded default: sled, a projection that is thrown away on any doubt.
//!
//! In simulated power cuts about half of its databases would not open again and others had lost
//! acknowledged records, so nothing rests on its durability: no flush per write, and `open` runs
//! where a panic of its recovery is caught. One tree holds every table, because a batch is atomic
//! within a tree only.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use sled::{Batch, Db, Tree};

use super::{StoreError, Table, Tables, Visit, WriteSet};

/// Page cache: status look-ups among a million certificates stay fast with it, and the whole
/// process stays under 300 MiB.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// How often sled hands its log to the operating system, in milliseconds.
const FLUSH_MS: u64 = 2_000;

/// The tables in one sled database.
pub struct SledTables {
    db: Db,
    rows: Tree,
}

impl std::fmt::Debug for SledTables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SledTables")
    }
}

impl SledTables {
    /// Opens the database in `folder`, or makes it.
    ///
    /// # Errors
    /// [`StoreError::Backend`] when sled refuses or panics: remove the folder and rebuild.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let config = sled::Config::default()
            .path(folder)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_MS))
            .mode(sled::Mode::HighThroughput);
        catch_unwind(AssertUnwindSafe(move || {
            let db = config.open()?;
            let rows = db.open_tree("rows")?;
            Ok(Self { db, rows })
        }))
        .map_err(|_| StoreError::Backend {
            operation: "open",
            reason: "sled panicked".into(),
        })?
        .map_err(failed("open"))
    }
}

impl Tables for SledTables {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self
            .rows
            .get(full_key(table, key))
            .map_err(failed("read"))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        let prefix = full_key(table, prefix);
        let start = full_key(table, from).max(prefix.clone());
        for pair in self.rows.range(start..) {
            let (key, value) = pair.map_err(failed("scan"))?;
            if !key.starts_with(&prefix) || !visit(key.get(1..).unwrap_or_default(), &value) {
                break;
            }
        }
        Ok(())
    }

    fn commit(&self, writes: WriteSet) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for (table, writes) in writes.into_tables() {
            for (key, value) in writes {
                match value {
                    Some(value) => batch.insert(full_key(table, &key), value),
                    None => batch.remove(full_key(table, &key)),
                }
            }
        }
        self.rows.apply_batch(batch).map_err(failed("write"))
    }

    fn wipe(&self) -> Result<(), StoreError> {
        self.rows.clear().map_err(failed("wipe"))
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map(|_| ()).map_err(failed("flush"))
    }
}

fn full_key(table: Table, key: &[u8]) -> Vec<u8> {
    let mut full = Vec::with_capacity(key.len() + 1);
    full.push(table.number());
    full.extend_from_slice(key);
    full
}

fn failed(operation: &'static str) -> impl Fn(sled::Error) -> StoreError {
    move |error| StoreError::Backend {
        operation,
        reason: error.to_string(),
    }
}
