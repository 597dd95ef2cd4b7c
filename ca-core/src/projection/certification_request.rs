//! Requests to a CA whose keys are elsewhere.

use serde::{Deserialize, Serialize};

use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// The newest request under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificationRequestRow {
    /// The profile's name.
    pub profile: String,
    /// The label of the key that is to be certified.
    pub key_label: String,
    /// Ledger index of `CertificationRequestRecorded`.
    pub record: u64,
    /// Ledger index of `CertificationRequestSigned`, once signed.
    pub outcome: Option<u64>,
}

/// The newest request for a certificate of that name.
///
/// # Errors
/// [`StoreError`].
pub fn find(
    tables: &dyn Tables,
    name: &str,
) -> Result<Option<CertificationRequestRow>, StoreError> {
    view::read(tables, Table::CertificationRequests, name.as_bytes())
}

pub(super) fn get(
    view: &View<'_>,
    name: &str,
) -> Result<Option<CertificationRequestRow>, StoreError> {
    view.read(Table::CertificationRequests, name.as_bytes())
}

pub(super) fn put(
    view: &mut View<'_>,
    name: &str,
    row: &CertificationRequestRow,
) -> Result<(), StoreError> {
    view.put(Table::CertificationRequests, name.as_bytes().to_vec(), row)
}
