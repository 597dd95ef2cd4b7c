//! Revocations by issuer and shard: what CRLs are built from.

use serde::{Deserialize, Serialize};

use super::certificate::Revocation;
use super::row;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// A revocation as lists know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationRow {
    /// The revocation.
    pub revocation: Revocation,
    /// The notAfter of a canary's certificate, seconds since the epoch; none for any other. Nobody
    /// relies on a canary, so lists may let go of it.
    pub canary_until: Option<i64>,
}

/// Visits the revocations of a shard in serial order; `false` ends it.
///
/// # Errors
/// [`StoreError`].
pub fn scan(
    tables: &dyn Tables,
    issuer: &str,
    shard: u32,
    visit: &mut dyn FnMut(&[u8], RevocationRow) -> bool,
) -> Result<(), StoreError> {
    let prefix = prefix(issuer, shard);
    view::scan(tables, Table::Revocations, &prefix, &[], &mut |key, row| {
        visit(key.get(prefix.len()..).unwrap_or_default(), row)
    })
}

pub(super) fn put(
    view: &mut View<'_>,
    issuer: &str,
    shard: u32,
    serial: &[u8],
    revocation: &RevocationRow,
) -> Result<(), StoreError> {
    let mut key = prefix(issuer, shard);
    key.extend_from_slice(serial);
    view.put(Table::Revocations, key, revocation)
}

fn prefix(issuer: &str, shard: u32) -> Vec<u8> {
    let mut key = row::prefix(issuer);
    key.extend_from_slice(&shard.to_be_bytes());
    key
}
