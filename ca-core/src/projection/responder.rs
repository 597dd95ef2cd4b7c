//! Edge responders, and the OCSP signers whose keys are there.

use kasane_ledger_schema::Event;
use serde::{Deserialize, Serialize};

use super::row;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// An edge responder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponderRow {
    /// Its name.
    pub name: String,
    /// Where relying systems ask it; empty when nobody said.
    pub url: String,
    /// SHA-256 of its token.
    pub token_sha256: Vec<u8>,
    /// When it was enrolled last, seconds since the epoch.
    pub enrolled: i64,
    /// When it was removed, seconds since the epoch.
    pub removed: Option<i64>,
    /// OCSP responses that it says it signed.
    pub signatures: u64,
}

/// A delegated OCSP signer whose key is at an edge responder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponderSignerRow {
    /// The edge responder.
    pub responder: String,
    /// The issuer it answers for.
    pub issuer: String,
    /// The label of its key, there.
    pub key_label: String,
    /// Ledger index of its certificate's record.
    pub record: u64,
    /// Seconds from thisUpdate to nextUpdate of its responses.
    pub window_seconds: i64,
}

/// The edge responder of that name.
///
/// # Errors
/// [`StoreError`].
pub fn find(tables: &dyn Tables, name: &str) -> Result<Option<ResponderRow>, StoreError> {
    view::read(tables, Table::Responders, name.as_bytes())
}

/// Every edge responder, by name.
///
/// # Errors
/// [`StoreError`].
pub fn all(tables: &dyn Tables) -> Result<Vec<ResponderRow>, StoreError> {
    let mut found = Vec::new();
    view::scan(tables, Table::Responders, &[], &[], &mut |_, row| {
        found.push(row);
        true
    })?;
    Ok(found)
}

/// The signers of an edge responder, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn signers(
    tables: &dyn Tables,
    responder: &str,
) -> Result<Vec<ResponderSignerRow>, StoreError> {
    let mut found = Vec::new();
    let prefix = row::prefix(responder);
    view::scan(
        tables,
        Table::ResponderSigners,
        &prefix,
        &[],
        &mut |_, row| {
            found.push(row);
            true
        },
    )?;
    Ok(found)
}

/// What an event about edge responders changes; others change nothing here.
pub(super) fn apply(view: &mut View<'_>, time: i64, event: Event) -> Result<(), StoreError> {
    match event {
        Event::ResponderEnrolled(body) => {
            let before = get(view, &body.name)?;
            put(
                view,
                &ResponderRow {
                    name: body.name,
                    url: body.url,
                    token_sha256: body.token_sha256.as_bytes().to_vec(),
                    enrolled: time,
                    removed: None,
                    signatures: before.map_or(0, |row| row.signatures),
                },
            )
        }
        Event::ResponderRemoved(body) => match get(view, &body.name)? {
            Some(row) => put(
                view,
                &ResponderRow {
                    removed: Some(time),
                    ..row
                },
            ),
            None => Ok(()),
        },
        Event::ResponderSignerActivated(body) => {
            let mut key = row::prefix(&body.responder);
            key.extend_from_slice(&body.record.to_be_bytes());
            let row = ResponderSignerRow {
                responder: body.responder,
                issuer: body.issuer,
                key_label: body.key_label,
                record: body.record,
                window_seconds: body.window_seconds,
            };
            view.put(Table::ResponderSigners, key, &row)
        }
        Event::ResponderSignaturesCounted(body) => match get(view, &body.responder)? {
            Some(mut row) => {
                row.signatures = row.signatures.saturating_add(body.count);
                put(view, &row)
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn get(view: &View<'_>, name: &str) -> Result<Option<ResponderRow>, StoreError> {
    view.read(Table::Responders, name.as_bytes())
}

fn put(view: &mut View<'_>, row: &ResponderRow) -> Result<(), StoreError> {
    view.put(Table::Responders, row.name.as_bytes().to_vec(), row)
}
