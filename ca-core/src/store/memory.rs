//! Tables in memory: tests, simulations, and an auditor's replay.

use std::collections::BTreeMap;

use parking_lot::RwLock;

use super::{StoreError, Table, Tables, Visit, WriteSet};

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// Ordered maps behind a lock.
#[derive(Debug, Default)]
pub struct MemoryTables {
    tables: RwLock<BTreeMap<Table, Rows>>,
}

impl Tables for MemoryTables {
    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        // Recursive: who scans may look something up.
        Ok(self
            .tables
            .read_recursive()
            .get(&table)
            .and_then(|rows| rows.get(key))
            .cloned())
    }

    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        from: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        let tables = self.tables.read_recursive();
        let Some(rows) = tables.get(&table) else {
            return Ok(());
        };
        let start = from.max(prefix).to_vec();
        for (key, value) in rows.range(start..) {
            if !key.starts_with(prefix) || !visit(key, value) {
                break;
            }
        }
        Ok(())
    }

    fn commit(&self, writes: WriteSet) -> Result<(), StoreError> {
        let mut tables = self.tables.write();
        for (table, writes) in writes.into_tables() {
            let rows = tables.entry(table).or_default();
            for (key, value) in writes {
                match value {
                    Some(value) => rows.insert(key, value),
                    None => rows.remove(&key),
                };
            }
        }
        Ok(())
    }

    fn wipe(&self) -> Result<(), StoreError> {
        self.tables.write().clear();
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
