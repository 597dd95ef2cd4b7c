//! Revocations by issuer and shard, in two orders: what CRLs are built from.
//!
//! By serial number for complete lists, by the ledger's index for those who ask what is new: a delta
//! CRL costs what came since its base, not what was ever revoked.

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

/// Visits the revocations of a shard in the order of their serial numbers' values; `false` ends it.
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
    // The octet after the prefix is the serial number's length.
    let serial_at = prefix.len() + 1;
    view::scan(tables, Table::Revocations, &prefix, &[], &mut |key, row| {
        visit(key.get(serial_at..).unwrap_or_default(), row)
    })
}

/// Visits the revocations of a shard that stand at `from_index` or later, in the ledger's order;
/// `false` ends it. One that was stated anew stands where that was done.
///
/// # Errors
/// [`StoreError`].
pub fn scan_since(
    tables: &dyn Tables,
    issuer: &str,
    shard: u32,
    from_index: u64,
    visit: &mut dyn FnMut(&[u8], RevocationRow) -> bool,
) -> Result<(), StoreError> {
    let from = key_of_index(issuer, shard, from_index);
    view::scan(
        tables,
        Table::NewRevocations,
        &prefix(issuer, shard),
        &from,
        // Keys go on with the serial number.
        &mut |key, row| visit(key.get(from.len()..).unwrap_or_default(), row),
    )
}

/// Puts a revocation in the place of the one before, if there was one.
pub(super) fn put(
    view: &mut View<'_>,
    issuer: &str,
    shard: u32,
    serial: &[u8],
    revocation: &RevocationRow,
    before: Option<&Revocation>,
) -> Result<(), StoreError> {
    let mut key = prefix(issuer, shard);
    // The longer of two positive integers without padding is the greater.
    key.push(u8::try_from(serial.len()).unwrap_or(u8::MAX));
    key.extend_from_slice(serial);
    view.put(Table::Revocations, key, revocation)?;
    if let Some(before) = before {
        let key = key_of_news(issuer, shard, before.index, serial);
        view.remove(Table::NewRevocations, key);
    }
    let key = key_of_news(issuer, shard, revocation.revocation.index, serial);
    view.put(Table::NewRevocations, key, revocation)
}

fn prefix(issuer: &str, shard: u32) -> Vec<u8> {
    let mut key = row::prefix(issuer);
    key.extend_from_slice(&shard.to_be_bytes());
    key
}

/// With the serial number: one entry of the ledger may revoke many certificates.
fn key_of_news(issuer: &str, shard: u32, index: u64, serial: &[u8]) -> Vec<u8> {
    let mut key = key_of_index(issuer, shard, index);
    key.extend_from_slice(serial);
    key
}

fn key_of_index(issuer: &str, shard: u32, index: u64) -> Vec<u8> {
    let mut key = prefix(issuer, shard);
    key.extend_from_slice(&index.to_be_bytes());
    key
}
