//! A certificate is revoked, by whatever event.

use kasane_verify::revocation::RevocationReason;

use super::apply::ApplyError;
use super::certificate::{self, CertificateKey, Revocation};
use super::meta::Progress;
use super::revocation::{self, RevocationRow};
use super::subject_key::{self, SubjectKeyRow};
use super::view::View;
use crate::profile::CANARY;

/// The certificate `key` is revoked from here on; a date or reason that it had is replaced.
pub(super) fn revoke(
    view: &mut View<'_>,
    progress: &mut Progress,
    key: &CertificateKey,
    new: Revocation,
) -> Result<(), ApplyError> {
    let Some(mut row) = certificate::get(view, key)? else {
        let reason = "unknown certificate revoked";
        let index = new.index;
        return Err(ApplyError::Contradiction { index, reason });
    };
    if row.revocation.is_none() {
        progress.revocations += 1;
    }
    if new.reason == Some(RevocationReason::KeyCompromise.number()) {
        // Whom it was first certified for stays, whichever certificate of it comes first.
        let known = subject_key::get(view, &row.spki_sha256)?;
        let compromised = SubjectKeyRow {
            subject: known.map_or_else(|| row.subject.clone(), |it| it.subject),
            compromised: true,
        };
        subject_key::put(view, &row.spki_sha256, &compromised)?;
    }
    let before = row.revocation.replace(new);
    certificate::put(view, key, &row)?;
    let listed = RevocationRow {
        revocation: new,
        canary_until: (row.profile == CANARY).then_some(row.not_after),
    };
    let shard = row.crl_shard;
    revocation::put(
        view,
        &key.issuer,
        shard,
        &key.serial,
        &listed,
        before.as_ref(),
    )?;
    Ok(())
}

/// The certificates of an act: those that were revoked before keep date and reason.
pub(super) fn revoke_others(
    view: &mut View<'_>,
    progress: &mut Progress,
    issuer: String,
    serials: Vec<Vec<u8>>,
    new: Revocation,
) -> Result<(), ApplyError> {
    let mut key = CertificateKey {
        issuer,
        serial: Vec::new(),
    };
    for serial in serials {
        key.serial = serial;
        let before = certificate::get(view, &key)?;
        if before.is_none_or(|row| row.revocation.is_none()) {
            revoke(view, progress, &key, new)?;
        }
    }
    Ok(())
}
