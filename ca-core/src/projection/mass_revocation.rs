//! Acts that revoked many certificates.

use std::cmp::Ordering;

use der::Encode;
use kasane_ledger_schema::{MassRevocation, MassRevocationPart};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::apply::ApplyError;
use super::certificate::Revocation;
use super::meta::Progress;
use super::revoke::revoke_others;
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
    /// The greatest certificate of the parts in order: issuer and serial number.
    pub last: (String, Vec<u8>),
    /// What the parts' hash must become.
    pub expected_sha256: Vec<u8>,
    /// What it is so far.
    pub parts_sha256: Vec<u8>,
}

impl MassRevocationRow {
    /// Whether issuers and serial numbers ascend, within the part and after the part before.
    fn goes_on(&mut self, part: &MassRevocationPart) -> bool {
        let mut last = match part.issuer.cmp(&self.last.0) {
            Ordering::Less => return false,
            Ordering::Equal => self.last.1.as_slice(),
            Ordering::Greater => &[],
        };
        for serial in &part.serials {
            if serial.as_bytes() <= last {
                return false;
            }
            last = serial.as_bytes();
        }
        self.last = (part.issuer.clone(), last.to_vec());
        true
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
    let serials = body.serials.into_iter();
    let serials: Vec<_> = serials.map(|it| it.into_bytes().to_vec()).collect();
    // One out of order would not be found among what is unspread: it is worth the time.
    if view.spreads_later() && in_order {
        unspread::put(view, begun, &body.issuer, &serials, revocation)?;
        return Ok(());
    }
    revoke_others(view, progress, body.issuer, serials, revocation)
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

#[cfg(test)]
mod tests {
    use der::asn1::OctetString;

    use super::*;

    fn part(issuer: &str, serials: &[u8]) -> MassRevocationPart {
        let serials = serials.iter().map(|it| OctetString::new([*it]).unwrap());
        MassRevocationPart {
            number: 1,
            issuer: issuer.to_owned(),
            serials: serials.collect(),
        }
    }

    #[test]
    fn parts_go_on_only_above_everything_before() {
        let mut row = MassRevocationRow {
            selection: String::new(),
            date: 0,
            reason: None,
            invalidity_date: None,
            certificates: 0,
            revoked_before: 0,
            approvers: Vec::new(),
            parts: 0,
            parts_applied: 0,
            certificates_applied: 0,
            last: Default::default(),
            expected_sha256: Vec::new(),
            parts_sha256: Vec::new(),
        };
        for (issuer, serials, goes_on) in [
            ("b", &[10, 20][..], true),
            ("b", &[5], false),
            // Above the last one, and not above the greatest.
            ("b", &[6, 30], false),
            ("b", &[21, 21], false),
            ("b", &[22, 21], false),
            ("b", &[21, 22], true),
            ("c", &[1], true),
            ("b", &[99], false),
        ] {
            assert_eq!(
                row.goes_on(&part(issuer, serials)),
                goes_on,
                "{issuer} {serials:?}"
            );
        }
    }
}
