//! Request keys: asking again gives the same certificate.

use serde::{Deserialize, Serialize};

use super::row;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// What was asked under a request key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestKeyRow {
    /// Ledger index of the newest record under this key.
    pub record: u64,
    /// SHA-256 of the PKCS#10 request; empty when there was none.
    pub request_sha256: Vec<u8>,
    /// The profile asked for.
    pub profile: String,
    /// The subject asked for.
    pub subject: String,
    /// The serial of the certificate to renew; empty when it is no renewal.
    pub renews: Vec<u8>,
    /// The issuer and serial of the record.
    pub issuer: String,
    /// The serial of the record.
    pub serial: Vec<u8>,
}

/// What `requester` asked under `request_key`.
///
/// # Errors
/// [`StoreError`].
pub fn find(
    tables: &dyn Tables,
    requester: &str,
    request_key: &str,
) -> Result<Option<RequestKeyRow>, StoreError> {
    view::read(tables, Table::RequestKeys, &key(requester, request_key))
}

pub(super) fn put(
    view: &mut View<'_>,
    requester: &str,
    request_key: &str,
    row: &RequestKeyRow,
) -> Result<(), StoreError> {
    view.put(Table::RequestKeys, key(requester, request_key), row)
}

fn key(requester: &str, request_key: &str) -> Vec<u8> {
    let mut key = row::prefix(requester);
    key.extend_from_slice(request_key.as_bytes());
    key
}
