//! Rows as bytes. Keys are built from parts that cannot contain the separator.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::{StoreError, Table};

/// Separates the parts of a key; no name, code or identifier contains it.
pub(super) const SEPARATOR: u8 = 0;

pub(super) fn encode<T: Serialize>(table: Table, row: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(row).map_err(|_| StoreError::Damaged {
        table: table.name(),
    })
}

pub(super) fn decode<T: DeserializeOwned>(table: Table, bytes: &[u8]) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(|_| StoreError::Damaged {
        table: table.name(),
    })
}

/// `text` then the separator: the prefix of every key that begins with that part.
pub(super) fn prefix(text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(text.len() + 24);
    key.extend_from_slice(text.as_bytes());
    key.push(SEPARATOR);
    key
}
