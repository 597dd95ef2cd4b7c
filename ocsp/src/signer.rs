//! Who signs for an issuer.

use std::collections::HashMap;
use std::sync::Arc;

use kasane_ca_core::Error;
use kasane_ca_core::authority::{OcspSigner, Status};
use kasane_ca_core::status_source::StatusSource;
use kasane_verify::UnixTime;
use kasane_verify::ocsp::ResponderId;
use parking_lot::RwLock;

/// A choice is made anew after so many seconds at the latest.
const CHOICE_SECONDS: i64 = 60;

/// A new signer waits so long while an older one can answer: terminals' clocks run late.
const SETTLE_SECONDS: i64 = 3_600;

/// The chosen signer of each issuer.
#[derive(Debug, Default)]
pub(crate) struct Signers {
    chosen: RwLock<HashMap<String, Chosen>>,
}

#[derive(Clone, Debug)]
struct Chosen {
    at: UnixTime,
    /// With the stamp (`StatusChanges`) since which its status was not read again.
    signer: Option<(Arc<Signer>, u64)>,
}

/// A signer with what every response of its needs.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) facts: OcspSigner,
    /// The serial of its certificate, for those who refer to it.
    pub(crate) serial: Arc<[u8]>,
    pub(crate) responder_id: ResponderId,
}

impl Signers {
    /// The signer for `issuer` now, with the stamp of its status (`StatusChanges`); none when it has
    /// none.
    pub(crate) fn signer(
        &self,
        source: &dyn StatusSource,
        issuer: &str,
        now: UnixTime,
    ) -> Result<Option<(Arc<Signer>, u64)>, Error> {
        let known = self.chosen.read().get(issuer).cloned();
        if let Some(Chosen { at, signer }) = known
            && at <= now
            && now.seconds_since(at) < CHOICE_SECONDS
        {
            let Some((signer, stamp)) = signer else {
                return Ok(None);
            };
            let changes = source.status_changes();
            if signer.is_valid(now) && changes.is_unchanged(&signer.serial, stamp) {
                return Ok(Some((signer, stamp)));
            }
            if let Some(stamp) = signer.stands(source, now)? {
                self.confirm(issuer, &signer, stamp);
                return Ok(Some((signer, stamp)));
            }
        }
        let chosen = match choose(source, issuer, now)? {
            // Revoked since it was chosen: the next request chooses again.
            Some(signer) => match signer.stands(source, now)? {
                Some(stamp) => Some((signer, stamp)),
                None => return Ok(None),
            },
            None => None,
        };
        let known = Chosen {
            at: now,
            signer: chosen.clone(),
        };
        self.chosen.write().insert(issuer.to_owned(), known);
        Ok(chosen)
    }

    /// Whether `issuer` has a signer now. What is found is not remembered: that there is none must not
    /// outlive the making of one.
    pub(crate) fn has_signer(
        &self,
        source: &dyn StatusSource,
        issuer: &str,
        now: UnixTime,
    ) -> Result<bool, Error> {
        let known = self.chosen.read().get(issuer).cloned();
        if let Some(Chosen { at, signer }) = known
            && at <= now
            && now.seconds_since(at) < CHOICE_SECONDS
            && let Some((signer, stamp)) = signer
            && signer.is_valid(now)
            && source.status_changes().is_unchanged(&signer.serial, stamp)
        {
            return Ok(true);
        }
        match choose(source, issuer, now)? {
            Some(signer) => Ok(signer.stands(source, now)?.is_some()),
            None => Ok(false),
        }
    }

    /// The status of `signer` was read after `stamp` was taken, and it stands.
    fn confirm(&self, issuer: &str, signer: &Arc<Signer>, stamp: u64) {
        let mut chosen = self.chosen.write();
        let known = chosen
            .get_mut(issuer)
            .and_then(|known| known.signer.as_mut());
        if let Some((known, read)) = known
            && Arc::ptr_eq(known, signer)
        {
            *read = stamp;
        }
    }

    /// Forgets the choices: there are new signers.
    pub(crate) fn forget(&self) {
        self.chosen.write().clear();
    }
}

impl Signer {
    fn is_valid(&self, now: UnixTime) -> bool {
        self.facts.not_before <= now && now <= self.facts.not_after
    }

    /// The stamp of its status when it may sign now.
    fn stands(&self, source: &dyn StatusSource, now: UnixTime) -> Result<Option<u64>, Error> {
        let facts = &self.facts;
        let stamp = source.status_changes().stamp(&facts.serial);
        let stands =
            self.is_valid(now) && source.status(&facts.issuer, &facts.serial)? == Status::Good;
        Ok(stands.then_some(stamp))
    }
}

/// The newest signer that is valid and has settled, else the newest that is valid.
fn choose(
    source: &dyn StatusSource,
    issuer: &str,
    now: UnixTime,
) -> Result<Option<Arc<Signer>>, Error> {
    let mut signers = source.ocsp_signers(issuer)?;
    signers.retain(|signer| signer.not_before <= now && now <= signer.not_after);
    let settled = signers
        .iter()
        .rposition(|signer| now.seconds_since(signer.not_before) >= SETTLE_SECONDS);
    let Some(facts) = settled
        .map(|position| signers.swap_remove(position))
        .or_else(|| signers.pop())
    else {
        return Ok(None);
    };
    let responder_id =
        ResponderId::by_key(source.crypto(), &facts.spki).map_err(|_| Error::BadArgument {
            what: "OCSP signer",
            reason: format!("the key of {} has no identifier", facts.key_label),
        })?;
    Ok(Some(Arc::new(Signer {
        serial: facts.serial.as_slice().into(),
        facts,
        responder_id,
    })))
}
