//! CAs that may sign, and the OCSP signers that answer for them.

use serde::{Deserialize, Serialize};

use super::row;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// A CA that may sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerRow {
    /// The issuer's name.
    pub name: String,
    /// The label of its key; none when the key is elsewhere.
    pub key_label: Option<String>,
    /// Ledger index of its certificate's record, or of the entry that took it over.
    pub record: u64,
    /// CRL shards, a power of two.
    pub crl_shards: u32,
    /// Ledger index of `IssuerEnded`: from there on it signs its final CRLs only.
    pub ended: Option<u64>,
    /// When a CA was taken over whose key had been used elsewhere, seconds since the epoch: it issued
    /// certificates that the ledger does not know. None when the ledger knows all of them.
    pub imported_at: Option<i64>,
}

/// A delegated OCSP signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OcspSignerRow {
    /// The issuer it answers for.
    pub issuer: String,
    /// The label of its key.
    pub key_label: String,
    /// Ledger index of its certificate's record.
    pub record: u64,
    /// Seconds from thisUpdate to nextUpdate of its responses.
    pub window_seconds: i64,
}

/// Every issuer, by name.
///
/// # Errors
/// [`StoreError`].
pub fn all(tables: &dyn Tables) -> Result<Vec<IssuerRow>, StoreError> {
    let mut found = Vec::new();
    view::scan(tables, Table::Issuers, &[], &[], &mut |_, row| {
        found.push(row);
        true
    })?;
    Ok(found)
}

/// The OCSP signers of an issuer, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn ocsp_signers(tables: &dyn Tables, issuer: &str) -> Result<Vec<OcspSignerRow>, StoreError> {
    let mut found = Vec::new();
    view::scan(
        tables,
        Table::OcspSigners,
        &row::prefix(issuer),
        &[],
        &mut |_, row| {
            found.push(row);
            true
        },
    )?;
    Ok(found)
}

pub(super) fn get(view: &View<'_>, name: &str) -> Result<Option<IssuerRow>, StoreError> {
    view.read(Table::Issuers, name.as_bytes())
}

pub(super) fn put(view: &mut View<'_>, row: &IssuerRow) -> Result<(), StoreError> {
    view.put(Table::Issuers, row.name.as_bytes().to_vec(), row)
}

pub(super) fn put_ocsp_signer(view: &mut View<'_>, row: &OcspSignerRow) -> Result<(), StoreError> {
    let mut key = row::prefix(&row.issuer);
    key.extend_from_slice(&row.record.to_be_bytes());
    view.put(Table::OcspSigners, key, row)
}
