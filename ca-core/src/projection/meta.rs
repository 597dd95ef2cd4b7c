//! Counters: how far the projection is, and what the ledger says of itself.

use serde::{Deserialize, Serialize};

use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

const PROGRESS: &[u8] = b"progress";
const GENESIS: &[u8] = b"genesis";

/// How far the projection is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The index of the next entry to apply.
    pub next_index: u64,
    /// The index of the next record of the private log.
    pub next_private: u64,
    /// Certificates recorded so far.
    pub certificates: u64,
    /// Revocations so far, records without outcome included.
    pub revocations: u64,
    /// The latest time that an entry bears, seconds since the epoch: the present is not before it.
    pub latest_time: i64,
}

/// What the first entry said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenesisRow {
    /// The log's origin.
    pub origin: String,
    /// `demo` or `production`.
    pub mode: String,
    /// Days by which the timeline is shifted.
    pub timeline_shift_days: i64,
    /// The organisation in every DN.
    pub organization: String,
    /// The operator's domain.
    pub operator_domain: String,
    /// When, seconds since the epoch.
    pub time: i64,
}

/// How far the projection is.
///
/// # Errors
/// [`StoreError`].
pub fn progress(tables: &dyn Tables) -> Result<Progress, StoreError> {
    Ok(view::read(tables, Table::Meta, PROGRESS)?.unwrap_or_default())
}

/// What the first entry said; none in an empty ledger.
///
/// # Errors
/// [`StoreError`].
pub fn genesis(tables: &dyn Tables) -> Result<Option<GenesisRow>, StoreError> {
    view::read(tables, Table::Meta, GENESIS)
}

pub(super) fn put_progress(view: &mut View<'_>, progress: &Progress) -> Result<(), StoreError> {
    view.put(Table::Meta, PROGRESS.to_vec(), progress)
}

pub(super) fn put_genesis(view: &mut View<'_>, row: &GenesisRow) -> Result<(), StoreError> {
    view.put(Table::Meta, GENESIS.to_vec(), row)
}
