//! The newest CRLs of each issuer and shard.

use serde::{Deserialize, Serialize};

use super::row;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// Names a CRL series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CrlKey {
    /// The issuer's name.
    pub issuer: String,
    /// The shard; 0 for an issuer with one CRL.
    pub shard: u32,
}

/// A recorded CRL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlVersion {
    /// Ledger index of `CrlRecorded` or `CrlImported`.
    pub record: u64,
    /// Ledger index of `CrlIssued`, once signed; of an imported one that of its entry.
    pub outcome: Option<u64>,
    /// The CRL number.
    pub number: u64,
    /// thisUpdate, seconds since the epoch.
    pub this_update: i64,
    /// nextUpdate, seconds since the epoch.
    pub next_update: i64,
    /// Entries in it.
    pub entries: u64,
    /// It lists what the ledger said before this index.
    pub as_of: u64,
    /// The base CRL's number, of a delta CRL.
    pub base_number: Option<u64>,
}

/// A CRL series. Numbers only grow, burnt ones included; full and delta CRLs share one sequence
/// (RFC 5280 §5.2.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlRow {
    /// The highest number ever recorded.
    pub last_number: u64,
    /// The newest signed full CRL.
    pub full: Option<CrlVersion>,
    /// The newest signed delta CRL.
    pub delta: Option<CrlVersion>,
    /// What waits for its signature.
    pub pending: Option<CrlVersion>,
}

/// A CRL series.
///
/// # Errors
/// [`StoreError`].
pub fn find(tables: &dyn Tables, crl: &CrlKey) -> Result<CrlRow, StoreError> {
    Ok(view::read(tables, Table::Crls, &key(crl))?.unwrap_or_default())
}

pub(super) fn get(view: &View<'_>, crl: &CrlKey) -> Result<CrlRow, StoreError> {
    Ok(view.read(Table::Crls, &key(crl))?.unwrap_or_default())
}

pub(super) fn put(view: &mut View<'_>, crl: &CrlKey, row: &CrlRow) -> Result<(), StoreError> {
    view.put(Table::Crls, key(crl), row)
}

fn key(crl: &CrlKey) -> Vec<u8> {
    let mut key = row::prefix(&crl.issuer);
    key.extend_from_slice(&crl.shard.to_be_bytes());
    key
}
