//! Certificates by issuer and serial, and by subject.

use kasane_verify::UnixTime;
use serde::{Deserialize, Serialize};

use super::row;
use super::unspread;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables, WriteSet};

/// Where a certificate is between record and outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// About to be signed.
    Recorded,
    /// Signed; the outcome is durable.
    Issued,
    /// The device refused; the serial is burnt.
    Failed,
    /// No outcome before the process ended; the serial is burnt and counts as revoked.
    Abandoned,
}

/// What is known of a certificate without reading the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRow {
    /// Ledger index of `CertificateRecorded`, or of the entry that took it over.
    pub record: u64,
    /// Ledger index of `CertificateIssued` or `RecordClosed`; of an imported one that of its entry.
    pub outcome: Option<u64>,
    /// Where it is.
    pub state: State,
    /// notAfter, seconds since the epoch.
    pub not_after: i64,
    /// The CRL shard named in it.
    pub crl_shard: u32,
    /// The profile's name.
    pub profile: String,
    /// Whom it names.
    pub subject: String,
    /// SHA-256 of its key's DER `SubjectPublicKeyInfo`.
    pub spki_sha256: Vec<u8>,
    /// Its revocation.
    pub revocation: Option<Revocation>,
}

/// A revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// When, seconds since the epoch.
    pub date: i64,
    /// The reason code, if one is stated.
    pub reason: Option<u8>,
    /// Since when the key was untrustworthy, seconds since the epoch.
    pub invalidity_date: Option<i64>,
    /// Ledger index of the entry that revoked.
    pub index: u64,
}

/// Names a certificate: RFC 5280 makes issuer and serial unique together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CertificateKey {
    /// The issuer's name.
    pub issuer: String,
    /// The serial number, big-endian without padding.
    pub serial: Vec<u8>,
}

impl CertificateRow {
    /// Whether it was issued, has not expired and is not revoked.
    #[must_use]
    pub fn is_live(&self, now: UnixTime) -> bool {
        self.state == State::Issued && self.revocation.is_none() && self.not_after >= now.seconds()
    }

    /// With what an act revoked that did not come here yet.
    fn revoked_by(mut self, unspread: Option<Revocation>) -> Self {
        self.revocation = self.revocation.or(unspread);
        self
    }
}

/// The certificate of that issuer and serial.
///
/// # Errors
/// [`StoreError`].
pub fn find(
    tables: &dyn Tables,
    issuer: &str,
    serial: &[u8],
) -> Result<Option<CertificateRow>, StoreError> {
    let unspread = unspread::find(tables, issuer, serial)?;
    let row = view::read(tables, Table::Certificates, &key(issuer, serial))?;
    Ok(row.map(|row: CertificateRow| row.revoked_by(unspread)))
}

/// What pending writes make of the certificate of that issuer and serial, if they touch it.
pub(super) fn pending(
    writes: &WriteSet,
    issuer: &str,
    serial: &[u8],
) -> Result<Option<CertificateRow>, StoreError> {
    let pending = writes.pending(Table::Certificates, &key(issuer, serial));
    pending
        .flatten()
        .map(|bytes| row::decode(Table::Certificates, bytes))
        .transpose()
}

/// Visits certificates of an issuer (every issuer when empty) in key order; `false` ends it.
///
/// # Errors
/// [`StoreError`].
pub fn scan(
    tables: &dyn Tables,
    issuer: &str,
    visit: &mut dyn FnMut(CertificateKey, CertificateRow) -> bool,
) -> Result<(), StoreError> {
    let prefix = if issuer.is_empty() {
        Vec::new()
    } else {
        row::prefix(issuer)
    };
    // Read before the rows.
    let all_is_spread = unspread::is_empty(tables)?;
    let mut failed = None;
    view::scan(
        tables,
        Table::Certificates,
        &prefix,
        &[],
        &mut |key, row: CertificateRow| {
            let Some(key) = split(key) else {
                return true;
            };
            if all_is_spread || row.revocation.is_some() {
                return visit(key, row);
            }
            // Looked up again: the row of this scan may be older than what was spread since.
            match find(tables, &key.issuer, &key.serial) {
                Ok(newer) => visit(key, newer.unwrap_or(row)),
                Err(error) => {
                    failed = Some(error);
                    false
                }
            }
        },
    )?;
    failed.map_or(Ok(()), Err)
}

/// The certificates that name `subject`, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn of_subject(
    tables: &dyn Tables,
    subject: &str,
) -> Result<Vec<(CertificateKey, CertificateRow)>, StoreError> {
    let mut found = under(tables, &row::prefix(subject))?;
    found.sort_by_key(|(_, row)| row.record);
    Ok(found)
}

/// Those of one profile, oldest first: as much work as there are of them.
///
/// # Errors
/// [`StoreError`].
pub fn of_subject_and_profile(
    tables: &dyn Tables,
    subject: &str,
    profile: &str,
) -> Result<Vec<(CertificateKey, CertificateRow)>, StoreError> {
    under(tables, &subject_prefix(subject, profile))
}

fn under(
    tables: &dyn Tables,
    prefix: &[u8],
) -> Result<Vec<(CertificateKey, CertificateRow)>, StoreError> {
    let mut keys: Vec<CertificateKey> = Vec::new();
    view::scan(tables, Table::Subjects, prefix, &[], &mut |_, key| {
        keys.push(key);
        true
    })?;
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        if let Some(row) = find(tables, &key.issuer, &key.serial)? {
            found.push((key, row));
        }
    }
    Ok(found)
}

fn subject_prefix(subject: &str, profile: &str) -> Vec<u8> {
    let mut prefix = row::prefix(subject);
    prefix.extend_from_slice(&row::prefix(profile));
    prefix
}

pub(super) fn get(
    view: &View<'_>,
    key_of: &CertificateKey,
) -> Result<Option<CertificateRow>, StoreError> {
    view.read(Table::Certificates, &key(&key_of.issuer, &key_of.serial))
}

pub(super) fn put(
    view: &mut View<'_>,
    key_of: &CertificateKey,
    row: &CertificateRow,
) -> Result<(), StoreError> {
    view.put(
        Table::Certificates,
        key(&key_of.issuer, &key_of.serial),
        row,
    )
}

pub(super) fn put_subject(
    view: &mut View<'_>,
    row: &CertificateRow,
    key_of: &CertificateKey,
) -> Result<(), StoreError> {
    let mut key = subject_prefix(&row.subject, &row.profile);
    key.extend_from_slice(&row.record.to_be_bytes());
    view.put(Table::Subjects, key, key_of)
}

fn key(issuer: &str, serial: &[u8]) -> Vec<u8> {
    let mut key = row::prefix(issuer);
    key.extend_from_slice(serial);
    key
}

fn split(key: &[u8]) -> Option<CertificateKey> {
    let end = key.iter().position(|byte| *byte == row::SEPARATOR)?;
    let issuer = std::str::from_utf8(key.get(..end)?).ok()?.to_owned();
    Some(CertificateKey {
        issuer,
        serial: key.get(end + 1..)?.to_vec(),
    })
}
