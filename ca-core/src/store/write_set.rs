//! Writes of one commit, readable before they are applied.

use std::collections::BTreeMap;

use super::Table;

/// Puts and removals, by table and key; the last one of a key counts.
#[derive(Debug, Default)]
pub struct WriteSet {
    writes: BTreeMap<Table, BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
    /// Octets of the values that were set.
    octets: usize,
}

/// Octets of a row, about.
const USUAL_ROW: usize = 256;

impl WriteSet {
    /// Sets `key` to `value`.
    pub fn put(&mut self, table: Table, key: Vec<u8>, value: Vec<u8>) {
        self.octets += value.len();
        self.writes
            .entry(table)
            .or_default()
            .insert(key, Some(value));
    }

    /// Removes `key`.
    pub fn remove(&mut self, table: Table, key: Vec<u8>) {
        self.writes.entry(table).or_default().insert(key, None);
    }

    /// What this set will do to `key`: nothing, remove it, or set it.
    #[must_use]
    pub fn pending(&self, table: Table, key: &[u8]) -> Option<Option<&[u8]>> {
        self.writes.get(&table)?.get(key).map(Option::as_deref)
    }

    /// The keys of `table` that are written.
    pub fn keys(&self, table: Table) -> impl Iterator<Item = &[u8]> {
        let writes = self.writes.get(&table);
        writes
            .into_iter()
            .flat_map(|rows| rows.keys().map(Vec::as_slice))
    }

    /// How many keys of `table` are written.
    #[must_use]
    pub fn count(&self, table: Table) -> usize {
        self.writes.get(&table).map_or(0, BTreeMap::len)
    }

    /// How many keys are written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.writes.values().map(BTreeMap::len).sum()
    }

    /// How much is written, in rows of the usual size: a large one counts for several.
    #[must_use]
    pub fn load(&self) -> usize {
        self.len().max(self.octets / USUAL_ROW)
    }

    /// Whether nothing would be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// The writes, table by table.
    pub fn into_tables(self) -> impl Iterator<Item = (Table, BTreeMap<Vec<u8>, Option<Vec<u8>>>)> {
        self.writes.into_iter()
    }
}
