//! Revocations by issuer and shard, in two orders: what CRLs are built from.
//!
//! By serial number for complete lists, by the ledger's index for those who ask what is new: a delta
//! CRL costs what came since its base, not what was ever revoked.
//!
//! By serial number they stand in groups, because a complete list reads them all: of a million some
//! thirty share a row.

use serde::{Deserialize, Serialize};

use super::certificate::Revocation;
use super::row;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// Visits the revocations of a shard in the order of their serial numbers' values; `false` ends it.
///
/// # Errors
/// [`StoreError`].
pub fn scan(
    tables: &dyn Tables,
    issuer: &str,
    shard: u32,
    visit: &mut dyn FnMut(&[u8], Revocation) -> bool,
) -> Result<(), StoreError> {
    view::scan(
        tables,
        Table::Revocations,
        &prefix(issuer, shard),
        &[],
        &mut |_, group: Vec<Listed>| {
            group
                .iter()
                .all(|listed| visit(&listed.serial, listed.revocation))
        },
    )
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
    visit: &mut dyn FnMut(&[u8], Revocation) -> bool,
) -> Result<(), StoreError> {
    view::scan(
        tables,
        Table::NewRevocations,
        &prefix(issuer, shard),
        &key_of_index(issuer, shard, from_index),
        &mut |_, listed: Listed| visit(&listed.serial, listed.revocation),
    )
}

/// Whether a shard has a revocation at `from_index` or later.
///
/// # Errors
/// [`StoreError`].
pub fn is_any_since(
    tables: &dyn Tables,
    issuer: &str,
    shard: u32,
    from_index: u64,
) -> Result<bool, StoreError> {
    let mut any = false;
    scan_since(tables, issuer, shard, from_index, &mut |_, _| {
        any = true;
        false
    })?;
    Ok(any)
}

/// Puts a revocation in the place of the one before, if there was one.
pub(super) fn put(
    view: &mut View<'_>,
    issuer: &str,
    shard: u32,
    serial: &[u8],
    revocation: &Revocation,
    before: Option<&Revocation>,
) -> Result<(), StoreError> {
    let listed = Listed {
        serial: serial.to_vec(),
        revocation: *revocation,
    };
    let key = key_of_group(issuer, shard, serial);
    let mut group: Vec<Listed> = view.read(Table::Revocations, &key)?.unwrap_or_default();
    match group.binary_search_by(|it| it.serial.as_slice().cmp(serial)) {
        Ok(place) => {
            if let Some(known) = group.get_mut(place) {
                known.revocation = *revocation;
            }
        }
        Err(place) => group.insert(place, listed.clone()),
    }
    view.put(Table::Revocations, key, &group)?;
    if let Some(before) = before {
        let key = key_of_news(issuer, shard, before.index, serial);
        view.remove(Table::NewRevocations, key);
    }
    let key = key_of_news(issuer, shard, revocation.index, serial);
    view.put(Table::NewRevocations, key, &listed)
}

/// A revocation with its serial number: one entry revokes one certificate.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Listed {
    serial: Vec<u8>,
    revocation: Revocation,
}

fn prefix(issuer: &str, shard: u32) -> Vec<u8> {
    let mut key = row::prefix(issuer);
    key.extend_from_slice(&shard.to_be_bytes());
    key
}

/// Serial numbers of one length share a row when their first two octets are the same: rows and what
/// is in them stand in the order of their values, because the longer of two positive integers
/// without padding is the greater.
fn key_of_group(issuer: &str, shard: u32, serial: &[u8]) -> Vec<u8> {
    let mut key = prefix(issuer, shard);
    key.push(u8::try_from(serial.len()).unwrap_or(u8::MAX));
    key.extend(serial.iter().take(GROUP_OCTETS));
    key
}

/// Octets of a serial number that name its group. The first one is 0x01 to 0x7f, so there are 32,512
/// groups.
const GROUP_OCTETS: usize = 2;

/// Ends with the last octet of the serial number, by which changes of status are told.
fn key_of_news(issuer: &str, shard: u32, index: u64, serial: &[u8]) -> Vec<u8> {
    let mut key = key_of_index(issuer, shard, index);
    key.push(serial.last().copied().unwrap_or_default());
    key
}

fn key_of_index(issuer: &str, shard: u32, index: u64) -> Vec<u8> {
    let mut key = prefix(issuer, shard);
    key.extend_from_slice(&index.to_be_bytes());
    key
}
