//! Acts that revoked many certificates.

use der::Encode;
use kasane_ledger_schema::{MassRevocation, MassRevocationPart};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::apply::ApplyError;
use super::certificate::{self, CertificateKey, Revocation};
use super::meta::Progress;
use super::revoke::revoke;
use super::unspread;
use super::view::{self, View};
use crate::store::{StoreError, Table, Tables};

/// An act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MassRevocationRow {
    /// How the certificates were chosen.
    pub selection: String,
    /// When, seconds since the epoch.
    pub date: i64,
    /// The reason code, if one is stated.
    pub reason: Option<u8>,
    /// Since when the keys were untrustworthy, seconds since the epoch.
    pub invalidity_date: Option<i64>,
    /// Certificates that the act names.
    pub certificates: u64,
    /// Those chosen that had been revoked before.
    pub revoked_before: u64,
    /// Who approved it.
    pub approvers: Vec<String>,
    /// Entries that follow it, and how many of them were applied.
    pub parts: u32,
    /// See `parts`.
    pub parts_applied: u32,
    /// Certificates in the parts that were applied.
    pub certificates_applied: u64,
    /// The last certificate of the last part that was applied: issuer and serial number.
    pub last: (String, Vec<u8>),
    /// What the parts' hash must become.
    pub expected_sha256: Vec<u8>,
    /// What it is so far.
    pub parts_sha256: Vec<u8>,
}

impl MassRevocationRow {
    /// Whether issuers and serial numbers ascend, within the part and after the part before.
    fn goes_on(&mut self, part: &MassRevocationPart) -> bool {
        let mut in_order = part.issuer >= self.last.0;
        if part.issuer != self.last.0 {
            self.last = (part.issuer.clone(), Vec::new());
        }
        for serial in &part.serials {
            in_order &= serial.as_bytes() > self.last.1.as_slice();
            serial.as_bytes().clone_into(&mut self.last.1);
        }
        in_order
    }
}

/// The hash of no part.
pub(crate) const NO_PARTS: [u8; 32] = [0; 32];

/// The hash of parts, one more taken in.
pub(crate) fn chain(before: &[u8], part: &MassRevocationPart) -> Result<[u8; 32], der::Error> {
    let mut hash = Sha256::new_with_prefix(before);
    hash.update(part.to_der()?);
    Ok(hash.finalize().into())
}

/// The act at that ledger index.
///
/// # Errors
/// [`StoreError`].
pub fn find(tables: &dyn Tables, index: u64) -> Result<Option<MassRevocationRow>, StoreError> {
    view::read(tables, Table::MassRevocations, &index.to_be_bytes())
}

/// Every act with its ledger index, in order.
///
/// # Errors
/// [`StoreError`].
pub fn all(tables: &dyn Tables) -> Result<Vec<(u64, MassRevocationRow)>, StoreError> {
    let mut found = Vec::new();
    view::scan(tables, Table::MassRevocations, &[], &[], &mut |key, row| {
        if let Ok(index) = key.try_into() {
            found.push((u64::from_be_bytes(index), row));
        }
        true
    })?;
    Ok(found)
}

pub(super) fn begin(
    view: &mut View<'_>,
    index: u64,
    body: MassRevocation,
) -> Result<(), ApplyError> {
    if body.parts == 0 {
        return Err(contradiction(index, "mass revocation of nothing"));
    }
    let approvers = body.approvals.into_iter().map(|it| it.approver).collect();
    let row = MassRevocationRow {
        selection: body.selection,
        date: body.revocation_date,
        reason: body.reason,
        invalidity_date: body.invalidity_date,
        certificates: body.certificates,
        revoked_before: body.revoked_before,
        approvers,
        parts: body.parts,
        parts_applied: 0,
        certificates_applied: 0,
        last: Default::default(),
        expected_sha256: body.parts_sha256.as_bytes().to_vec(),
        parts_sha256: NO_PARTS.to_vec(),
    };
    Ok(put(view, index, &row)?)
}

/// Applies a part: certificates that were revoked before keep date and reason. What is left to a spreader is
/// told at once all the same.
pub(super) fn part(
    view: &mut View<'_>,
    progress: &mut Progress,
    index: u64,
    body: MassRevocationPart,
) -> Result<(), ApplyError> {
    let begun = index.checked_sub(body.number.into());
    let act = match begun {
        Some(begun) => get(view, begun)?.map(|row| (begun, row)),
        None => None,
    };
    let Some((begun, mut row)) = act else {
        return Err(contradiction(
            index,
            "part of a mass revocation without its beginning",
        ));
    };
    if row.parts_applied.checked_add(1) != Some(body.number) || body.number > row.parts {
        return Err(contradiction(
            index,
            "part of a mass revocation out of turn",
        ));
    }
    row.parts_sha256 = chain(&row.parts_sha256, &body)
        .map_err(|_| contradiction(index, "part of a mass revocation without encoding"))?
        .to_vec();
    row.parts_applied = body.number;
    row.certificates_applied += body.serials.len() as u64;
    let in_order = row.goes_on(&body);
    let is_last = row.parts_applied == row.parts;
    if is_last && row.certificates_applied != row.certificates {
        return Err(contradiction(
            index,
            "mass revocation names another number of certificates",
        ));
    }
    if is_last && row.parts_sha256 != row.expected_sha256 {
        return Err(contradiction(
            index,
            "mass revocation names other certificates",
        ));
    }
    put(view, begun, &row)?;
    let revocation = Revocation {
        date: row.date,
        reason: row.reason,
        invalidity_date: row.invalidity_date,
        index,
    };
    // One out of order would not be found among what is unspread: it is worth the time.
    if view.spreads_later() && in_order {
        let serials = body.serials.into_iter();
        let serials: Vec<_> = serials.map(|it| it.into_bytes().to_vec()).collect();
        unspread::put(view, begun, &body.issuer, &serials, revocation)?;
        return Ok(());
    }
    let mut key = CertificateKey {
        issuer: body.issuer,
        serial: Vec::new(),
    };
    for serial in body.serials {
        key.serial = serial.into_bytes().to_vec();
        let before = certificate::get(view, &key)?;
        if before.is_some_and(|row| row.revocation.is_some()) {
            continue;
        }
        revoke(view, progress, &key, revocation)?;
    }
    Ok(())
}

fn get(view: &View<'_>, index: u64) -> Result<Option<MassRevocationRow>, StoreError> {
    view.read(Table::MassRevocations, &index.to_be_bytes())
}

fn put(view: &mut View<'_>, index: u64, row: &MassRevocationRow) -> Result<(), StoreError> {
    view.put(Table::MassRevocations, index.to_be_bytes().to_vec(), row)
}

const fn contradiction(index: u64, reason: &'static str) -> ApplyError {
    ApplyError::Contradiction { index, reason }
}
