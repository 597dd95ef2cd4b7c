//! Which lists of a series are due.

use kasane_ca_core::Error;
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::projection::crl::{CrlKey, CrlRow, CrlVersion};
use kasane_ca_core::projection::revocation;
use kasane_ca_core::signing::SigningError;
use kasane_hsm::Priority;
use kasane_verify::UnixTime;

use crate::series::Series;
use crate::{CrlKind, Failed, Publisher, Sweep};

/// A root's list from so little ahead is waited for before people are called to a ceremony.
const CLOCK_TOLERANCE_SECONDS: i64 = 300;

/// Revocations that no list has yet.
#[derive(Clone, Copy, Debug, Default)]
struct Missing {
    in_full: bool,
    in_delta: bool,
}

impl Publisher {
    /// Publishes what is due of one series.
    pub(crate) fn visit(&self, issuer: &Issuer, shard: u32, now: UnixTime, sweep: &mut Sweep) {
        if !has_lists(issuer, now) {
            return;
        }
        let key = CrlKey {
            issuer: issuer.name().to_owned(),
            shard,
        };
        if !issuer.has_key() {
            if let Err(error) = self.take_over(&key, now) {
                sweep.failed.push(Failed {
                    issuer: key.issuer,
                    shard,
                    error,
                });
            }
            return;
        }
        let _held = self.publishing.lock();
        let known = self.series.lock().get(&key).copied().unwrap_or_default();
        if known.rests(now) {
            return;
        }
        let mut series = known;
        let before = sweep.published.len();
        match self.advance(issuer, &key, now, &mut series, sweep) {
            Ok(()) => series.succeeded(),
            // Nothing was recorded, and only people can go on.
            Err(error) if issuer.is_root() && is_out_of_reach(&error) => {
                if !self.begins_soon(&key, now) && series.reminds(now) {
                    tracing::warn!(
                        issuer.name = key.issuer, code = error.code(), %error,
                        "the CRL of a root is due, and its key is for ceremonies only: stop the \
                         service and run 'kasane crl publish --ceremony --issuer ROOT'"
                    );
                }
            }
            Err(error) => {
                series.failed(now);
                tracing::error!(
                    issuer.name = key.issuer, crl.shard = shard, code = error.code(), %error,
                    "CRL cannot be published"
                );
                sweep.failed.push(Failed {
                    issuer: key.issuer.clone(),
                    shard,
                    error,
                });
            }
        }
        for crl in sweep.published.iter().skip(before) {
            tracing::info!(
                issuer.name = crl.issuer, crl.shard = crl.shard, crl.number = crl.number,
                crl.kind = ?crl.kind, "CRL published"
            );
        }
        let mut all = self.series.lock();
        let present = all.entry(key).or_default();
        series.keep_what_waits_since(&known, present);
        *present = series;
    }

    fn advance(
        &self,
        issuer: &Issuer,
        key: &CrlKey,
        now: UnixTime,
        series: &mut Series,
        sweep: &mut Sweep,
    ) -> Result<(), Error> {
        let row = self.authority.crl_series(&key.issuer, key.shard)?;
        series.wait_for_nothing();
        if issuer.ended {
            if !row.full.as_ref().is_some_and(CrlVersion::is_final) {
                return self.make_final(issuer, key.shard, sweep);
            }
            return Ok(());
        }
        let missing = self.missing(key, &row)?;
        let rested = |last: Option<UnixTime>, pause: i64| {
            last.is_none_or(|last| now < last || now.seconds_since(last) >= pause)
        };
        let schedule = self.schedule();
        // The delta goes first: it is small, and whoever looks for news looks there.
        if !issuer.is_root()
            && missing.in_delta
            && rested(series.delta_for_revocation, schedule.delta_pause_seconds)
        {
            self.make(
                issuer,
                key.shard,
                CrlKind::Delta,
                Priority::Revocation,
                sweep,
            )?;
            series.delta_for_revocation = Some(now);
        } else if !issuer.is_root() && missing.in_delta {
            series.wait(
                series.delta_for_revocation,
                schedule.delta_pause_seconds,
                now,
            );
            sweep.later = true;
        }
        let interval = schedule.interval_seconds(issuer.is_root());
        // Of the future: nobody is given it. Another thread may have made a list since `now` was read,
        // so the clock itself is asked.
        let is_ahead = |list: &CrlVersion| {
            now.seconds() < list.this_update && self.authority.now().seconds() < list.this_update
        };
        let is_old = |list: &CrlVersion| {
            now.seconds() >= list.this_update.saturating_add(interval)
                || now.seconds() >= list.next_update
                || is_ahead(list)
        };
        let is_held = |kind| self.current(&key.issuer, key.shard, kind).is_some();
        let full_is_old = row.full.as_ref().is_none_or(is_old) || !is_held(CrlKind::Full);
        let for_revocation =
            missing.in_full && rested(series.full_for_revocation, schedule.full_pause_seconds);
        if full_is_old || for_revocation {
            let priority = if missing.in_full {
                Priority::Revocation
            } else {
                Priority::Status
            };
            self.make(issuer, key.shard, CrlKind::Full, priority, sweep)?;
            if missing.in_full {
                series.full_for_revocation = Some(now);
            }
        } else if missing.in_full {
            series.wait(series.full_for_revocation, schedule.full_pause_seconds, now);
            sweep.later = true;
        }
        if !issuer.is_root() {
            // The address in freshestCRL always answers, with a delta that is at least as new as the
            // newest full CRL.
            let row = self.authority.crl_series(&key.issuer, key.shard)?;
            let newest = row.full.as_ref().map_or(0, |full| full.number);
            let fits = |delta: &CrlVersion| delta.number >= newest && !is_old(delta);
            if !row.delta.as_ref().is_some_and(fits) || !is_held(CrlKind::Delta) {
                self.make(issuer, key.shard, CrlKind::Delta, Priority::Status, sweep)?;
            }
        }
        Ok(())
    }

    /// Whether the newest complete list only waits for its thisUpdate: the clock was set back by a
    /// little.
    fn begins_soon(&self, key: &CrlKey, now: UnixTime) -> bool {
        let newest = self.current(&key.issuer, key.shard, CrlKind::Full);
        newest.is_some_and(|crl| {
            !crl.has_begun(now) && crl.this_update.seconds_since(now) <= CLOCK_TOLERANCE_SECONDS
        })
    }

    /// Which lists lack a revocation.
    fn missing(&self, key: &CrlKey, row: &CrlRow) -> Result<Missing, Error> {
        // The first full CRL is due anyway.
        let Some(full) = &row.full else {
            return Ok(Missing::default());
        };
        // A delta from an older base still counts: what it lists is out.
        let delta_as_of = row.delta.as_ref().map_or(full.as_of, |delta| delta.as_of);
        let listed_before = delta_as_of.max(full.as_of);
        let mut missing = Missing::default();
        // After a restart in the middle of an act, its certificates are in no row yet.
        self.authority.spread_revocations()?;
        let tables = self.authority.tables();
        let (issuer, shard) = (&key.issuer, key.shard);
        // Each ends at the first that it looks for, however many revocations follow.
        revocation::scan_since(tables, issuer, shard, full.as_of, &mut |_, row| {
            // A canary measures how soon the delta tells; no full CRL is made for its sake.
            missing.in_full = row.canary_until.is_none();
            !missing.in_full
        })?;
        revocation::scan_since(tables, issuer, shard, listed_before, &mut |_, _| {
            missing.in_delta = true;
            false
        })?;
        Ok(missing)
    }
}

/// Whether lists of a CA are made at `now`. RFC 5280 §6.3.3: nobody asks after a CA's end, and no list of
/// it would be valid; a CA that was ended has its final lists. A clock before its beginning is wrong.
pub(crate) fn has_lists(issuer: &Issuer, now: UnixTime) -> bool {
    let has_begun = issuer.signer.not_before.is_none_or(|begin| begin <= now);
    has_begun && (now < issuer.not_after || issuer.ended)
}

/// The key is not there for the credential in use, in no device.
const fn is_out_of_reach(error: &Error) -> bool {
    matches!(
        error,
        Error::Signing(SigningError::Key(
            kasane_hsm::Error::KeyNotFound { .. } | kasane_hsm::Error::NotPermitted { .. }
        ))
    )
}
