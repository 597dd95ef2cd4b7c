//! The accounts of keys and devices, and what does not fit.

use super::view::{self, View};
use crate::reconcile::{Books, DeviceAccount, Finding, KeyAccount};
use crate::store::{StoreError, Table, Tables};

/// Every account. Each is of one moment; together they are of several, unless nothing is appended.
///
/// # Errors
/// [`StoreError`].
pub fn read(tables: &dyn Tables) -> Result<Books, StoreError> {
    let mut keys: Vec<KeyAccount> = Vec::new();
    view::scan(tables, Table::KeyAccounts, &[], &[], &mut |_, key| {
        keys.push(key);
        true
    })?;
    let mut devices: Vec<DeviceAccount> = Vec::new();
    view::scan(tables, Table::DeviceAccounts, &[], &[], &mut |_, device| {
        devices.push(device);
        true
    })?;
    let mut findings: Vec<Finding> = Vec::new();
    view::scan(tables, Table::Findings, &[], &[], &mut |_, finding| {
        findings.push(finding);
        true
    })?;
    Ok(Books::from_rows(keys, devices, findings))
}

/// The account of the key with that label.
///
/// # Errors
/// [`StoreError`].
pub fn key(tables: &dyn Tables, label: &str) -> Result<Option<KeyAccount>, StoreError> {
    view::read(tables, Table::KeyAccounts, label.as_bytes())
}

/// The account of the device with that serial number.
///
/// # Errors
/// [`StoreError`].
pub fn device(tables: &dyn Tables, serial: &str) -> Result<Option<DeviceAccount>, StoreError> {
    view::read(tables, Table::DeviceAccounts, serial.as_bytes())
}

/// What does not fit and was not raised yet, in the order of the ledger.
///
/// # Errors
/// [`StoreError`].
pub fn not_raised(tables: &dyn Tables) -> Result<Vec<Finding>, StoreError> {
    let mut found: Vec<Finding> = Vec::new();
    if device(tables, "")?.is_none_or(|general| general.not_raised == 0) {
        return Ok(found);
    }
    view::scan(
        tables,
        Table::Findings,
        &[],
        &[],
        &mut |_, finding: Finding| {
            if finding.raised.is_none() {
                found.push(finding);
            }
            true
        },
    )?;
    Ok(found)
}

/// Writes the rows that changed.
pub(super) fn put_changed(view: &mut View<'_>, books: &mut Books) -> Result<(), StoreError> {
    let changed = books.take_changed();
    for label in changed.keys {
        if let Some(key) = books.key(&label) {
            view.put(Table::KeyAccounts, label.into_bytes(), key)?;
        }
    }
    for serial in changed.devices {
        if let Some(device) = books.device(&serial) {
            view.put(Table::DeviceAccounts, serial.into_bytes(), device)?;
        }
    }
    for position in changed.findings {
        if let Some(finding) = books.findings().get(position) {
            let key = (position as u64).to_be_bytes().to_vec();
            view.put(Table::Findings, key, finding)?;
        }
    }
    Ok(())
}
