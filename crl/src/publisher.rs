//! Publishes what is due, and holds the newest of each list.

use std::collections::HashMap;
use std::sync::Arc;

use kasane_ca_core::projection::crl::CrlKey;
use kasane_ca_core::{Actor, Authority, Error};
use kasane_hsm::Priority;
use kasane_verify::UnixTime;
use parking_lot::{Mutex, RwLock};

use crate::series::Series;
use crate::{CrlKind, Failed, PublishedCrl, Schedule, Sweep};

/// Publishes CRLs. Has no thread of its own: whoever runs the service calls
/// [`revoked`](Self::revoked) after each revocation, [`publish_waiting`](Self::publish_waiting) twice a
/// second, and [`publish_due`](Self::publish_due) every half a minute. Shared by `Arc`.
pub struct Publisher {
    pub(crate) authority: Arc<Authority>,
    schedule: Schedule,
    pub(crate) newest: RwLock<HashMap<(CrlKey, CrlKind), Arc<PublishedCrl>>>,
    pub(crate) series: Mutex<HashMap<CrlKey, Series>>,
    /// One list is made at a time.
    pub(crate) publishing: Mutex<()>,
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
                            let crl = PublishedCrl::new(kind, crl);
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
            publishing: Mutex::new(()),
        })
    }

    /// When lists are published.
    #[must_use]
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The newest list of a shard, from memory. Before it is handed out, see
    /// [`PublishedCrl::is_current`] and [`renewed`](Self::renewed).
    #[must_use]
    pub fn current(&self, issuer: &str, shard: u32, kind: CrlKind) -> Option<Arc<PublishedCrl>> {
        let key = CrlKey {
            issuer: issuer.to_owned(),
            shard,
        };
        self.newest.read().get(&(key, kind)).cloned()
    }

    /// Publishes every list that is due: never published, older than its interval, from the future,
    /// or lacking a revocation. One failing series keeps no other from being published. Reads two
    /// rows of each series when there is nothing to do.
    pub fn publish_due(&self, now: UnixTime) -> Sweep {
        let mut sweep = Sweep::default();
        for issuer in self.authority.issuers() {
            for shard in 0..issuer.crl_shards {
                self.visit(&issuer, shard, now, &mut sweep);
            }
        }
        sweep
    }

    /// To be called after a revocation: publishes the shard's delta CRL and then its full CRL with a
    /// delta beside it, unless one was published for a revocation just before; then the first
    /// [`publish_waiting`](Self::publish_waiting) after the pause does. So a burst of revocations, however
    /// large, costs two lists at its beginning and two at its end. While an act goes on that revokes many,
    /// nobody is kept waiting for its end: the list follows it.
    pub fn revoked(&self, issuer: &str, shard: u32, now: UnixTime) -> Sweep {
        let mut sweep = Sweep::default();
        match self.authority.is_revoking_many() {
            Ok(true) => {
                self.later(issuer, shard, now);
                sweep.later = true;
            }
            Ok(false) => self.look_at(issuer, shard, now, &mut sweep),
            Err(error) => sweep.failed.push(Failed {
                issuer: issuer.to_owned(),
                shard,
                error,
            }),
        }
        sweep
    }

    pub(crate) fn look_at(&self, issuer: &str, shard: u32, now: UnixTime, sweep: &mut Sweep) {
        match self.authority.issuer(issuer) {
            Ok(found) => self.visit(&found, shard, now, sweep),
            Err(error) => sweep.failed.push(Failed {
                issuer: issuer.to_owned(),
                shard,
                error,
            }),
        }
    }

    /// The next [`publish_waiting`](Self::publish_waiting) looks at it.
    fn later(&self, issuer: &str, shard: u32, now: UnixTime) {
        let key = CrlKey {
            issuer: issuer.to_owned(),
            shard,
        };
        let mut all = self.series.lock();
        all.entry(key).or_default().wait(Some(now), 0, now);
    }

    /// Publishes a full CRL of the shard and its delta, due or not.
    ///
    /// # Errors
    /// The error of the step that failed.
    pub fn publish(&self, issuer: &str, shard: u32) -> Result<Vec<Arc<PublishedCrl>>, Error> {
        let issuer = self.authority.issuer(issuer)?;
        let _held = self.publishing.lock();
        let mut sweep = Sweep::default();
        self.make(&issuer, shard, CrlKind::Full, Priority::Status, &mut sweep)?;
        // The first full CRL of a series has none beside it: there is no earlier one to start from.
        if !issuer.is_root() && sweep.published.len() == 1 {
            self.make(&issuer, shard, CrlKind::Delta, Priority::Status, &mut sweep)?;
        }
        Ok(sweep.published)
    }

    /// Ends a CA (see [`Authority::end_issuer`]) and publishes the final CRL of each of its shards.
    /// What an interruption left is made up for when it is called again, and by
    /// [`publish_due`](Self::publish_due); when nothing is left, nothing is signed.
    ///
    /// # Errors
    /// That of ending it, or of the first list that could not be made.
    pub fn publish_final(
        &self,
        actor: &Actor,
        issuer: &str,
    ) -> Result<Vec<Arc<PublishedCrl>>, Error> {
        let found = self.authority.issuer(issuer)?;
        let signer = &found.signer;
        if let Some(key_label) = &signer.key_label {
            // A service's credential may not reach it. Asked before anything is ended.
            self.authority.door().key(key_label, signer.key_role)?;
        }
        self.authority.end_issuer(actor, issuer)?;
        let ended = self.authority.issuer(issuer)?;
        let _held = self.publishing.lock();
        let mut sweep = Sweep::default();
        for shard in 0..ended.crl_shards {
            let series = self.authority.crl_series(issuer, shard)?;
            if !series.full.is_some_and(|full| full.is_final()) {
                self.make_final(&ended, shard, &mut sweep)?;
            }
        }
        Ok(sweep.published)
    }
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Publisher({} lists)", self.newest.read().len())
    }
}
