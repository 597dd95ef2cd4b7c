//! Documents in force: timeline, profiles, configuration, scripts.

use serde::{Deserialize, Serialize};

use super::row;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// The document in force under a kind and a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRow {
    /// SHA-256 of its text.
    pub sha256: Vec<u8>,
    /// Its length in bytes.
    pub length_bytes: u64,
    /// Ledger index of its adoption.
    pub index: u64,
}

/// The document in force.
///
/// # Errors
/// [`StoreError`].
pub fn find(
    tables: &dyn Tables,
    kind: &str,
    name: &str,
) -> Result<Option<DocumentRow>, StoreError> {
    view::read(tables, Table::Documents, &key(kind, name))
}

/// Every document of a kind, by name.
///
/// # Errors
/// [`StoreError`].
pub fn of_kind(tables: &dyn Tables, kind: &str) -> Result<Vec<(String, DocumentRow)>, StoreError> {
    let prefix = row::prefix(kind);
    let mut found = Vec::new();
    view::scan(tables, Table::Documents, &prefix, &[], &mut |key, row| {
        let name = key.get(prefix.len()..).unwrap_or_default();
        found.push((String::from_utf8_lossy(name).into_owned(), row));
        true
    })?;
    Ok(found)
}

pub(super) fn put(
    view: &mut View<'_>,
    kind: &str,
    name: &str,
    row: &DocumentRow,
) -> Result<(), StoreError> {
    view.put(Table::Documents, key(kind, name), row)
}

fn key(kind: &str, name: &str) -> Vec<u8> {
    let mut key = row::prefix(kind);
    key.extend_from_slice(name.as_bytes());
    key
}
