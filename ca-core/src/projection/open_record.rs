//! Records that wait for an outcome. At start each one is closed as abandoned.

use serde::{Deserialize, Serialize};

use super::certificate::CertificateKey;
use super::view::{self, View};
use crate::reconcile::SignedBy;
use crate::store::{StoreError, Table, Tables};

/// What waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OpenRecord {
    /// A certificate.
    Certificate(CertificateKey),
    /// A CRL.
    Crl(super::crl::CrlKey),
    /// A request to another CA.
    CertificationRequest {
        /// The name that the certificate will have.
        name: String,
        /// The label of the key that signs it.
        key_label: String,
    },
}

impl OpenRecord {
    /// Who signs it.
    pub(super) fn into_signed_by(self) -> SignedBy {
        match self {
            Self::Certificate(key) => SignedBy::Issuer(key.issuer),
            Self::Crl(key) => SignedBy::Issuer(key.issuer),
            Self::CertificationRequest { key_label, .. } => SignedBy::Key(key_label),
        }
    }
}

/// Every record without an outcome, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn all(tables: &dyn Tables) -> Result<Vec<(u64, OpenRecord)>, StoreError> {
    let mut found = Vec::new();
    view::scan(tables, Table::OpenRecords, &[], &[], &mut |key, open| {
        if let Ok(index) = key.try_into() {
            found.push((u64::from_be_bytes(index), open));
        }
        true
    })?;
    Ok(found)
}

pub(super) fn get(view: &View<'_>, record: u64) -> Result<Option<OpenRecord>, StoreError> {
    view.read(Table::OpenRecords, &record.to_be_bytes())
}

pub(super) fn put(view: &mut View<'_>, record: u64, open: &OpenRecord) -> Result<(), StoreError> {
    view.put(Table::OpenRecords, record.to_be_bytes().to_vec(), open)
}

pub(super) fn remove(view: &mut View<'_>, record: u64) {
    view.remove(Table::OpenRecords, record.to_be_bytes().to_vec());
}
