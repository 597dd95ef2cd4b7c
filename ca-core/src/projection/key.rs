//! Keys that were made.

use serde::{Deserialize, Serialize};

use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// Its label.
    pub label: String,
    /// Its role.
    pub role: String,
    /// Its algorithm.
    pub algorithm: String,
    /// What kind of backend holds it.
    pub backend: String,
    /// Ledger index of its entry.
    pub index: u64,
    /// When it was taken over, seconds since the epoch: it may have signed before, and elsewhere. None
    /// when it was made here.
    pub imported_at: Option<i64>,
}

/// The key of that label.
///
/// # Errors
/// [`StoreError`].
pub fn find(tables: &dyn Tables, label: &str) -> Result<Option<KeyRow>, StoreError> {
    view::read(tables, Table::Keys, label.as_bytes())
}

pub(super) fn get(view: &View<'_>, label: &str) -> Result<Option<KeyRow>, StoreError> {
    view.read(Table::Keys, label.as_bytes())
}

pub(super) fn put(view: &mut View<'_>, row: &KeyRow) -> Result<(), StoreError> {
    view.put(Table::Keys, row.label.as_bytes().to_vec(), row)
}
