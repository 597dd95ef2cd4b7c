//! Which records of the private log belong to whom.

use serde::{Deserialize, Serialize};

use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// A subject's records in the private log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateRow {
    /// Index in the private log and commitment, oldest first.
    pub records: Vec<(u64, Vec<u8>)>,
    /// Whether the key of all its records was destroyed; a new record has a new key.
    pub erased: bool,
}

/// A subject's records.
///
/// # Errors
/// [`StoreError`].
pub fn find(tables: &dyn Tables, subject: &str) -> Result<PrivateRow, StoreError> {
    Ok(view::read(tables, Table::Private, subject.as_bytes())?.unwrap_or_default())
}

/// The subjects of which nothing is left.
///
/// # Errors
/// [`StoreError`].
pub fn erased(tables: &dyn Tables) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    view::scan(
        tables,
        Table::Private,
        &[],
        &[],
        &mut |key, row: PrivateRow| {
            if row.erased {
                found.push(String::from_utf8_lossy(key).into_owned());
            }
            true
        },
    )?;
    Ok(found)
}

pub(super) fn get(view: &View<'_>, subject: &str) -> Result<PrivateRow, StoreError> {
    Ok(view
        .read(Table::Private, subject.as_bytes())?
        .unwrap_or_default())
}

pub(super) fn put(view: &mut View<'_>, subject: &str, row: &PrivateRow) -> Result<(), StoreError> {
    view.put(Table::Private, subject.as_bytes().to_vec(), row)
}
