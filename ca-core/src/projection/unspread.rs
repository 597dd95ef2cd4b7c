//! What an act revoked in one step, until each certificate's own row says so.
//!
//! An act of a million certificates changes millions of rows, which takes its time. Its entries come here
//! first, a few hundred certificates to a row, so that whoever asks about one is told at once, and whatever
//! comes after the act in the ledger does not wait for it. The [`Spreader`](super::Spreader) does the rest.

use serde::{Deserialize, Serialize};

use super::certificate::Revocation;
use super::row;
use super::view::View;
use crate::store::{StoreError, Table, Tables};

/// Certificates in a row.
const CERTIFICATES: usize = 256;

/// Octets of the index of an act in a key.
const INDEX_BYTES: usize = 8;

/// Certificates of one issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnspreadRow {
    /// The issuer's name.
    pub(super) issuer: String,
    /// What each of them gets that was not revoked before.
    pub(super) revocation: Revocation,
    /// Their serial numbers, ascending as octets.
    pub(super) serials: Vec<Vec<u8>>,
}

/// The revocation of a certificate whose own row may not say so yet. To be read before that row: who
/// spreads changes both in one commit.
pub(super) fn find(
    tables: &dyn Tables,
    issuer: &str,
    serial: &[u8],
) -> Result<Option<Revocation>, StoreError> {
    let prefix = row::prefix(issuer);
    let mut from = prefix.clone();
    // One act as a rule, and none nearly always.
    while let Some((mut key, _)) = tables.first(Table::UnspreadRevocations, &prefix, &from)? {
        key.truncate(prefix.len() + INDEX_BYTES);
        let act = key;
        from.clone_from(&act);
        from.extend_from_slice(serial);
        // Keys end with the last serial number of their row.
        if let Some((_, bytes)) = tables.first(Table::UnspreadRevocations, &act, &from)? {
            let row: UnspreadRow = row::decode(Table::UnspreadRevocations, &bytes)?;
            let found = row.serials.binary_search_by(|it| it.as_slice().cmp(serial));
            if found.is_ok() {
                return Ok(Some(row.revocation));
            }
        }
        from = after(act);
    }
    Ok(None)
}

/// The least key above every one that begins with `prefix`.
fn after(mut prefix: Vec<u8>) -> Vec<u8> {
    while let Some(last) = prefix.pop() {
        if let Some(next) = last.checked_add(1) {
            prefix.push(next);
            break;
        }
    }
    prefix
}

/// Whether all is spread.
pub(super) fn is_empty(tables: &dyn Tables) -> Result<bool, StoreError> {
    let first = tables.first(Table::UnspreadRevocations, &[], &[])?;
    Ok(first.is_none())
}

/// The first row with its key; none when all is spread.
pub(super) fn first(tables: &dyn Tables) -> Result<Option<(Vec<u8>, UnspreadRow)>, StoreError> {
    let first = tables.first(Table::UnspreadRevocations, &[], &[])?;
    first
        .map(|(key, bytes)| Ok((key, row::decode(Table::UnspreadRevocations, &bytes)?)))
        .transpose()
}

/// Puts what the part of an act that began at `act` revokes. Serial numbers ascend, from part to part too.
pub(super) fn put(
    view: &mut View<'_>,
    act: u64,
    issuer: &str,
    serials: &[Vec<u8>],
    revocation: Revocation,
) -> Result<(), StoreError> {
    for serials in serials.chunks(CERTIFICATES) {
        let Some(last) = serials.last() else {
            continue;
        };
        let mut key = row::prefix(issuer);
        key.extend_from_slice(&act.to_be_bytes());
        key.extend_from_slice(last);
        let row = UnspreadRow {
            issuer: issuer.to_owned(),
            revocation,
            serials: serials.to_vec(),
        };
        view.put(Table::UnspreadRevocations, key, &row)?;
    }
    Ok(())
}

pub(super) fn remove(view: &mut View<'_>, key: Vec<u8>) {
    view.remove(Table::UnspreadRevocations, key);
}
