//! Publishes what is due, and holds the newest of each list.

use std::collections::HashMap;
use std::sync::Arc;

use kasane_ca_core::authority::{CrlKind, CrlOrder};
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::projection::crl::{CrlKey, CrlRow};
use kasane_ca_core::projection::{meta, revocation};
use kasane_ca_core::signing::SigningError;
use kasane_ca_core::{Actor, Authority, Error};
use kasane_hsm::Priority;
use kasane_verify::UnixTime;
use parking_lot::{Mutex, RwLock};

use crate::{PublishedCrl, Schedule, tbs_cert_list};

/// After a failure a series rests: each attempt burns a CRL number.
const FIRST_REST_SECONDS: i64 = 30;

/// The longest rest, well below the hour in which a revocation must be in a CRL.
const LONGEST_REST_SECONDS: i64 = 600;

/// How often people are told that the list of a root waits for a ceremony.
const REMINDER_SECONDS: i64 = 86_400;

/// Publishes CRLs. Has no thread of its own: whoever runs the service calls
/// [`publish_due`](Self::publish_due) every few seconds and [`revoked`](Self::revoked) after each
/// revocation. Shared by `Arc`.
pub struct Publisher {
    pub(crate) authority: Arc<Authority>,
    schedule: Schedule,
    pub(crate) newest: RwLock<HashMap<(CrlKey, CrlKind), Arc<PublishedCrl>>>,
    pub(crate) series: Mutex<HashMap<CrlKey, Series>>,
    /// Revocations there were when every series was last found complete.
    complete_at: Mutex<Option<u64>>,
    /// One list is made at a time.
    pub(crate) publishing: Mutex<()>,
}

/// A list from so far ahead was made by a clock that was wrong: relying systems refuse it.
const CLOCK_TOLERANCE_SECONDS: i64 = 300;

/// What a call published and what it could not.
#[derive(Debug, Default)]
pub struct Sweep {
    /// New lists, in the order of their making.
    pub published: Vec<Arc<PublishedCrl>>,
    /// Series that failed; they are tried again after a rest.
    pub failed: Vec<Failed>,
}

/// A list that could not be made.
#[derive(Debug)]
pub struct Failed {
    /// The issuer's name.
    pub issuer: String,
    /// The shard.
    pub shard: u32,
    /// Why.
    pub error: Error,
}

/// What the projection does not say of a series.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Series {
    full_for_revocation: Option<UnixTime>,
    delta_for_revocation: Option<UnixTime>,
    failures: u32,
    pub(crate) rests_until: Option<UnixTime>,
    /// When people were last told that a ceremony is due.
    reminded_at: Option<UnixTime>,
}

/// Revocations that no list has yet.
#[derive(Clone, Copy, Debug, Default)]
struct Missing {
    in_full: bool,
    in_delta: bool,
}

impl Publisher {
    /// A publisher that starts with what the authority published before.
    ///
    /// # Errors
    /// [`Error::BadArgument`] for the schedule; [`Error::Store`].
    pub fn new(authority: Arc<Authority>, schedule: Schedule) -> Result<Self, Error> {
        schedule.check()?;
        let mut newest = HashMap::new();
        for issuer in authority.issuers() {
            for shard in 0..issuer.crl_shards {
                for kind in [CrlKind::Full, CrlKind::Delta] {
                    let key = CrlKey {
                        issuer: issuer.name().to_owned(),
                        shard,
                    };
                    match authority.current_crl(&key.issuer, shard, kind) {
                        Ok(Some(crl)) => {
                            let crl = PublishedCrl::new(&authority, kind, crl);
                            newest.insert((key, kind), Arc::new(crl));
                        }
                        Ok(None) => {}
                        // A list that cannot be read again is replaced, not mourned.
                        Err(error) => tracing::error!(
                            issuer.name = key.issuer, crl.shard = shard, code = error.code(), %error,
                            "published CRL cannot be read; a new one follows"
                        ),
                    }
                }
            }
        }
        Ok(Self {
            authority,
            schedule,
            newest: RwLock::new(newest),
            series: Mutex::default(),
            complete_at: Mutex::new(None),
            publishing: Mutex::new(()),
        })
    }

    /// When lists are published.
    #[must_use]
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The newest list of a shard, from memory.
    #[must_use]
    pub fn current(&self, issuer: &str, shard: u32, kind: CrlKind) -> Option<Arc<PublishedCrl>> {
        let key = CrlKey {
            issuer: issuer.to_owned(),
            shard,
        };
        self.newest.read().get(&(key, kind)).cloned()
    }

    /// Publishes every list that is due: never published, older than its interval, from the future,
    /// or lacking a revocation. One failing series keeps no other from being published.
    pub fn publish_due(&self, now: UnixTime) -> Sweep {
        let mut sweep = Sweep::default();
        let revocations = match meta::progress(self.authority.tables()) {
            Ok(progress) => progress.revocations,
            Err(error) => {
                sweep.failed.push(Failed {
                    issuer: String::new(),
                    shard: 0,
                    error: error.into(),
                });
                return sweep;
            }
        };
        // Looking for missing revocations reads all of them; not when there cannot be one.
        let look = *self.complete_at.lock() != Some(revocations);
        let mut complete = true;
        for issuer in self.authority.issuers() {
            for shard in 0..issuer.crl_shards {
                complete &= self.visit(&issuer, shard, now, look, &mut sweep);
            }
        }
        if look && complete {
            *self.complete_at.lock() = Some(revocations);
        }
        sweep
    }

    /// To be called after a revocation: publishes the shard's delta CRL and then its full CRL,
    /// unless one was published for a revocation just before; then the next
    /// [`publish_due`](Self::publish_due) after the pause does.
    pub fn revoked(&self, issuer: &str, shard: u32, now: UnixTime) -> Sweep {
        let mut sweep = Sweep::default();
        match self.authority.issuer(issuer) {
            Ok(found) => {
                self.visit(&found, shard, now, true, &mut sweep);
            }
            Err(error) => sweep.failed.push(Failed {
                issuer: issuer.to_owned(),
                shard,
                error,
            }),
        }
        sweep
    }

    /// Publishes a full CRL of the shard and its delta, due or not.
    ///
    /// # Errors
    /// The error of the step that failed.
    pub fn publish(&self, issuer: &str, shard: u32) -> Result<Vec<Arc<PublishedCrl>>, Error> {
        let issuer = self.authority.issuer(issuer)?;
        let _held = self.publishing.lock();
        let mut published = vec![self.make(&issuer, shard, CrlKind::Full, Priority::Status)?];
        if !issuer.is_root() {
            published.push(self.make(&issuer, shard, CrlKind::Delta, Priority::Status)?);
        }
        Ok(published)
    }

    /// Publishes what is due of one series; whether every revocation is in its full CRL now.
    fn visit(
        &self,
        issuer: &Issuer,
        shard: u32,
        now: UnixTime,
        look: bool,
        sweep: &mut Sweep,
    ) -> bool {
        // RFC 5280 §6.3.3: nobody asks after a CA's end, and no list of it would be valid.
        if issuer.not_after <= now {
            return true;
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
            return true;
        }
        let _held = self.publishing.lock();
        let mut series = self.series.lock().get(&key).copied().unwrap_or_default();
        // A rest that a clock ahead began would last as long as that clock was wrong.
        let rests =
            |until: UnixTime| now < until && until.seconds_since(now) <= LONGEST_REST_SECONDS;
        if series.rests_until.is_some_and(rests) {
            return false;
        }
        let before = sweep.published.len();
        let result = self.advance(issuer, &key, now, look, &mut series, sweep);
        let complete = match result {
            Ok(complete) => {
                series.failures = 0;
                series.rests_until = None;
                complete
            }
            // Nothing was recorded, and only people can go on. No list of this process lacks anything
            // that it could publish.
            Err(error) if issuer.is_root() && is_out_of_reach(&error) => {
                let due =
                    |last: UnixTime| now < last || now.seconds_since(last) >= REMINDER_SECONDS;
                if series.reminded_at.is_none_or(due) {
                    series.reminded_at = Some(now);
                    tracing::warn!(
                        issuer.name = key.issuer, code = error.code(), %error,
                        "the CRL of a root is due, and its key is for ceremonies only: stop the \
                         service and run 'kasane crl publish --ceremony --issuer ROOT'"
                    );
                }
                true
            }
            Err(error) => {
                let rest = FIRST_REST_SECONDS << series.failures.min(5);
                series.failures = series.failures.saturating_add(1);
                series.rests_until = Some(now.plus_seconds(rest.min(LONGEST_REST_SECONDS)));
                tracing::error!(
                    issuer.name = key.issuer, crl.shard = shard, code = error.code(), %error,
                    "CRL cannot be published"
                );
                sweep.failed.push(Failed {
                    issuer: key.issuer.clone(),
                    shard,
                    error,
                });
                false
            }
        };
        for crl in sweep.published.iter().skip(before) {
            tracing::info!(
                issuer.name = crl.issuer, crl.shard = crl.shard, crl.number = crl.number,
                crl.kind = ?crl.kind, "CRL published"
            );
        }
        self.series.lock().insert(key, series);
        complete
    }

    fn advance(
        &self,
        issuer: &Issuer,
        key: &CrlKey,
        now: UnixTime,
        look: bool,
        series: &mut Series,
        sweep: &mut Sweep,
    ) -> Result<bool, Error> {
        let row = self.authority.crl_series(&key.issuer, key.shard)?;
        let missing = if look {
            self.missing(key, &row)?
        } else {
            Missing::default()
        };
        let rested = |last: Option<UnixTime>, pause: i64| {
            last.is_none_or(|last| now < last || now.seconds_since(last) >= pause)
        };
        let mut delta_is_missing = missing.in_delta && !issuer.is_root();
        // The delta goes first: it is small, and whoever looks for news looks there.
        if !issuer.is_root()
            && missing.in_delta
            && row.full.is_some()
            && rested(
                series.delta_for_revocation,
                self.schedule.delta_pause_seconds,
            )
        {
            let delta = self.make(issuer, key.shard, CrlKind::Delta, Priority::Revocation)?;
            sweep.published.push(delta);
            series.delta_for_revocation = Some(now);
            delta_is_missing = false;
        }
        let interval = self.schedule.interval_seconds(issuer.is_root());
        let is_old = |this_update: i64, next_update: i64| {
            now.seconds() >= this_update.saturating_add(interval)
                || now.seconds() >= next_update
                || now.seconds() < this_update.saturating_sub(CLOCK_TOLERANCE_SECONDS)
        };
        let full_is_old = row
            .full
            .as_ref()
            .is_none_or(|it| is_old(it.this_update, it.next_update))
            || self
                .current(&key.issuer, key.shard, CrlKind::Full)
                .is_none();
        let for_revocation =
            missing.in_full && rested(series.full_for_revocation, self.schedule.full_pause_seconds);
        if full_is_old || for_revocation {
            let priority = if missing.in_full {
                Priority::Revocation
            } else {
                Priority::Status
            };
            sweep
                .published
                .push(self.make(issuer, key.shard, CrlKind::Full, priority)?);
            if missing.in_full {
                series.full_for_revocation = Some(now);
            }
        }
        if !issuer.is_root() {
            // Each full CRL gets its own delta, so that the address in freshestCRL always answers
            // with one that fits the newest full CRL.
            let row = self.authority.crl_series(&key.issuer, key.shard)?;
            let base = row.full.as_ref().map(|full| full.number);
            let fits = row.delta.as_ref().is_some_and(|delta| {
                delta.base_number == base && !is_old(delta.this_update, delta.next_update)
            }) && self
                .current(&key.issuer, key.shard, CrlKind::Delta)
                .is_some();
            if !fits {
                let delta = self.make(issuer, key.shard, CrlKind::Delta, Priority::Status)?;
                sweep.published.push(delta);
                delta_is_missing = false;
            }
        }
        Ok(!delta_is_missing && (!missing.in_full || full_is_old || for_revocation))
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
        let tables = self.authority.tables();
        revocation::scan(tables, &key.issuer, key.shard, &mut |_, row| {
            // A canary measures how soon the delta tells; no full CRL is made for its sake.
            missing.in_full |= row.canary_until.is_none() && row.revocation.index >= full.as_of;
            missing.in_delta |= row.revocation.index >= listed_before;
            !(missing.in_full && missing.in_delta)
        })?;
        Ok(missing)
    }

    fn make(
        &self,
        issuer: &Issuer,
        shard: u32,
        kind: CrlKind,
        priority: Priority,
    ) -> Result<Arc<PublishedCrl>, Error> {
        let signer = &issuer.signer;
        if let Some(key_label) = signer.key_label.as_ref().filter(|_| issuer.is_root()) {
            // A service's credential may not reach it. Asked before a number is burnt.
            self.authority.door().key(key_label, signer.key_role)?;
        }
        let order = CrlOrder {
            issuer: issuer.name(),
            shard,
            kind,
            lifetime_seconds: self.schedule.lifetime_seconds(issuer.is_root()),
            priority,
        };
        let issued = self
            .authority
            .issue_crl(&Actor::system(), &order, &tbs_cert_list)?;
        let crl = Arc::new(PublishedCrl::new(&self.authority, kind, issued));
        let key = CrlKey {
            issuer: issuer.name().to_owned(),
            shard,
        };
        self.newest.write().insert((key, kind), Arc::clone(&crl));
        Ok(crl)
    }
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

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Publisher({} lists)", self.newest.read().len())
    }
}
