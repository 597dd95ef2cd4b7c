//! Keys that were certified: whose they are, and whether they were compromised.

use serde::{Deserialize, Serialize};

use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectKeyRow {
    /// Whom it was first certified for.
    pub subject: String,
    /// Whether a certificate of it was revoked for key compromise.
    pub compromised: bool,
}

/// The key with that SHA-256 of its DER `SubjectPublicKeyInfo`.
///
/// # Errors
/// [`StoreError`].
pub fn find(tables: &dyn Tables, spki_sha256: &[u8]) -> Result<Option<SubjectKeyRow>, StoreError> {
    view::read(tables, Table::SubjectKeys, spki_sha256)
}

pub(super) fn get(
    view: &View<'_>,
    spki_sha256: &[u8],
) -> Result<Option<SubjectKeyRow>, StoreError> {
    view.read(Table::SubjectKeys, spki_sha256)
}

pub(super) fn put(
    view: &mut View<'_>,
    spki_sha256: &[u8],
    row: &SubjectKeyRow,
) -> Result<(), StoreError> {
    view.put(Table::SubjectKeys, spki_sha256.to_vec(), row)
}
