//! One canary, from its certificate to the last who heard of its end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kasane_ca_core::authority::{CanaryKey, RevocationOrder};
use kasane_ca_core::pipeline::Issued;
use kasane_ca_core::{Error, Requester};
use kasane_verify::UnixTime;
use kasane_verify::revocation::RevocationReason;
use serde::{Deserialize, Serialize};

use super::Canary;
use crate::visibility::{CanarySettings, Observation, RosterSource, Subject, Watch, What};

/// A canary is looked for twice as long as it may take, so that it is told how late it was, but no
/// longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// What one canary measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryRun {
    /// When its certificate was asked for.
    pub begun: UnixTime,
    /// The issuer.
    pub issuer: String,
    /// Its serial number, lower-case hex; empty when it was not issued.
    pub serial: String,
    /// What each endpoint said.
    pub observations: Vec<Observation>,
    /// Why there is nothing to measure.
    pub failed: Option<String>,
}

impl Canary {
    /// None while there is nothing to ask: a CA whose first OCSP signer is just being made.
    pub(super) fn run(&self) -> Option<CanaryRun> {
        let issuers = self.parts.authority.canary_issuers();
        let turn = self.history.lock().count();
        let turn = usize::try_from(turn).unwrap_or(0);
        let issuer = turn
            .checked_rem(issuers.len())
            .and_then(|turn| issuers.into_iter().nth(turn));
        let answers = |issuer: &String| {
            let signers = self.parts.authority.ocsp_signers(issuer);
            signers.is_ok_and(|signers| !signers.is_empty())
        };
        if !issuer.as_ref().is_none_or(answers) {
            return None;
        }
        let mut run = CanaryRun {
            begun: self.parts.clock.now(),
            issuer: issuer.unwrap_or_default(),
            serial: String::new(),
            observations: Vec::new(),
            failed: None,
        };
        if let Err(reason) = self.measure(&mut run) {
            run.failed = Some(reason);
        }
        // What was cut short says nothing of anybody.
        (!self.stopped.load(Ordering::Acquire)).then_some(run)
    }

    fn measure(&self, run: &mut CanaryRun) -> Result<(), String> {
        let told = |error: Error| format!("{error} [{}]", error.code());
        let authority = &self.parts.authority;
        let issuer = authority.issuer(&run.issuer).map_err(told)?;
        let key = self.key(&run.issuer).map_err(told)?;
        let issued = authority
            .issue_canary(&Requester::system(), &run.issuer, &key)
            .map_err(told)?;
        run.serial = hex::encode(&issued.serial);
        let subject = Subject::new(
            &*self.parts.crypto,
            issued.der.clone(),
            issuer.certificate_der.clone(),
        )
        .map_err(|error| error.to_string())?;
        let settings = &self.parts.settings;
        let longest = settings
            .ocsp_bound_milliseconds
            .max(settings.delta_bound_milliseconds);
        let source = Arc::new(self.source());
        let roster = source.roster()?;
        let mut watch = Watch {
            roster: &roster,
            source,
            subjects: &[subject],
            entries: None,
            lists: Some(What::Delta),
            monotonic: Arc::clone(&self.parts.monotonic),
            since: self.parts.monotonic.now(),
            timeout: Duration::ZERO,
            clock: self.parts.clock.clone(),
            crypto: self.parts.crypto.clone(),
            given_up: Arc::clone(&self.stopped),
        };
        // Whoever asked before has "good" at hand, and so do the caches between.
        let waiting = |error: std::io::Error| error.to_string();
        watch.run(&mut |_| {}).map_err(waiting)?;
        watch.since = self.parts.monotonic.now();
        watch.timeout = Duration::from_millis(longest)
            .saturating_mul(2)
            .min(LONGEST_WAIT);
        let index = self.revoke(&issued).map_err(told)?;
        watch.entries = Some(index + 1);
        let shard = issuer.shard_of(&issued.serial);
        run.observations = std::thread::scope(|scope| {
            // OCSP is not to wait for the list.
            let publishing = scope.spawn(|| {
                let now = authority.now();
                // The publisher logs what fails; the missing delta tells.
                let _sweep = self.parts.publisher.revoked(&run.issuer, shard, now);
            });
            let observed = watch.run(&mut |_| {}).map_err(waiting);
            // A panic was logged by the runtime of the thread.
            let _ended = publishing.join();
            observed
        })?;
        // Who answers nothing is neither in time nor late.
        let is_asked = |it: &Observation| it.seen.tells() || it.seen.is_missing();
        run.observations.retain(is_asked);
        Ok(())
    }

    /// Returns where in the ledger that stands.
    fn revoke(&self, issued: &Issued) -> Result<u64, Error> {
        let order = RevocationOrder {
            issuer: &issued.issuer,
            serial: &issued.serial,
            reason: Some(RevocationReason::CessationOfOperation),
            invalidity_date: None,
        };
        let system = Requester::system();
        let revocation = self.parts.authority.revoke(system.actor(), &order)?;
        Ok(revocation.index)
    }

    fn key(&self, issuer: &str) -> Result<CanaryKey, Error> {
        let family = self
            .parts
            .authority
            .issuer(issuer)?
            .signer
            .key_algorithm
            .family();
        if let Some(key) = self.keys.lock().get(&family) {
            return Ok(key.clone());
        }
        let key = CanaryKey::generate(family)?;
        self.keys.lock().insert(family, key.clone());
        Ok(key)
    }
}

impl CanaryRun {
    /// Those who were late or never told.
    pub(super) fn late<'a>(
        &'a self,
        settings: &CanarySettings,
    ) -> impl Iterator<Item = &'a Observation> {
        let (ocsp, delta) = (
            settings.ocsp_bound_milliseconds,
            settings.delta_bound_milliseconds,
        );
        self.observations.iter().filter(move |it| {
            let bound = match it.what {
                What::Ocsp | What::Feed => ocsp,
                What::Delta | What::Crl => delta,
            };
            it.after_milliseconds.is_none_or(|after| after > bound)
        })
    }

    pub(super) fn log(&self, settings: &CanarySettings) {
        if let Some(reason) = &self.failed {
            tracing::warn!(
                issuer.name = self.issuer,
                certificate.serial = self.serial,
                reason,
                "the canary measured nothing"
            );
            return;
        }
        let mut late = 0;
        for it in self.late(settings) {
            late += 1;
            tracing::warn!(
                issuer.name = self.issuer, certificate.serial = self.serial,
                endpoint.name = it.endpoint, endpoint.url = it.url, what = ?it.what,
                after_ms = it.after_milliseconds, says = it.seen.describe(),
                "a revocation takes longer than it may: {}", it.seen.advice()
            );
        }
        tracing::debug!(
            issuer.name = self.issuer,
            certificate.serial = self.serial,
            endpoints = self.observations.len(),
            late,
            "the canary was revoked"
        );
    }
}
