//! Reading typed rows, through writes that are still pending.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::row;
use crate::store::{StoreError, Table, Tables, WriteSet};

/// The tables as they will be once the pending writes are committed.
pub struct View<'a> {
    tables: &'a dyn Tables,
    writes: WriteSet,
    spreads_later: bool,
}

impl<'a> View<'a> {
    /// Nothing pending yet.
    #[must_use]
    pub fn new(tables: &'a dyn Tables) -> Self {
        Self {
            tables,
            writes: WriteSet::default(),
            spreads_later: false,
        }
    }

    /// The same, for somebody who has a [`Spreader`](super::Spreader) do the greater part of an act.
    pub(super) fn spreading_later(tables: &'a dyn Tables) -> Self {
        Self {
            spreads_later: true,
            ..Self::new(tables)
        }
    }

    /// Whether certificates of an act are left to a [`Spreader`](super::Spreader).
    pub(super) const fn spreads_later(&self) -> bool {
        self.spreads_later
    }

    /// The tables with writes that are pending already.
    pub(super) const fn resume(tables: &'a dyn Tables, writes: WriteSet) -> Self {
        Self {
            tables,
            writes,
            spreads_later: false,
        }
    }

    /// How much is pending, in rows of the usual size.
    #[must_use]
    pub fn load(&self) -> usize {
        self.writes.load()
    }

    /// The pending writes.
    #[must_use]
    pub fn into_writes(self) -> WriteSet {
        self.writes
    }

    pub(super) fn read<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<T>, StoreError> {
        match self.writes.pending(table, key) {
            Some(pending) => pending.map(|bytes| row::decode(table, bytes)).transpose(),
            None => read(self.tables, table, key),
        }
    }

    pub(super) fn put<T: Serialize>(
        &mut self,
        table: Table,
        key: Vec<u8>,
        value: &T,
    ) -> Result<(), StoreError> {
        self.writes.put(table, key, row::encode(table, value)?);
        Ok(())
    }

    pub(super) fn remove(&mut self, table: Table, key: Vec<u8>) {
        self.writes.remove(table, key);
    }
}

/// One typed row of committed tables.
pub(super) fn read<T: DeserializeOwned>(
    tables: &dyn Tables,
    table: Table,
    key: &[u8],
) -> Result<Option<T>, StoreError> {
    tables
        .read(table, key)?
        .map(|bytes| row::decode(table, &bytes))
        .transpose()
}

/// Visits typed rows under a prefix; `false` ends the scan.
pub(super) fn scan<T: DeserializeOwned>(
    tables: &dyn Tables,
    table: Table,
    prefix: &[u8],
    from: &[u8],
    visit: &mut dyn FnMut(&[u8], T) -> bool,
) -> Result<(), StoreError> {
    let mut damaged = None;
    tables.scan(
        table,
        prefix,
        from,
        &mut |key, bytes| match row::decode(table, bytes) {
            Ok(value) => visit(key, value),
            Err(error) => {
                damaged = Some(error);
                false
            }
        },
    )?;
    damaged.map_or(Ok(()), Err)
}
