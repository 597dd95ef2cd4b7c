//! Asking everybody until all have seen it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use kasane_ca_core::clock::Clock;
use kasane_hsm::pool::MonotonicClock;
use kasane_verify::crypto::CryptoProvider;
use tokio::sync::mpsc;

use super::exchange::Exchange;
use super::following::Following;
use super::known::Known;
use super::question::{Question, addresses};
use super::waiting::Waiting;
use super::{Observation, Roster, RosterSource, Subject, What};

/// Asks endpoints about certificates, and the authority about its edges.
pub struct Watch<'a> {
    /// Whom.
    pub roster: &'a Roster,
    /// Who tells what changes while it is waited.
    pub source: Arc<dyn RosterSource>,
    /// About which.
    pub subjects: &'a [Subject],
    /// Edges that no endpoint speaks for are waited for until they have the entries below this one;
    /// `None` when they are not waited for.
    pub entries: Option<u64>,
    /// Where else than in OCSP a revocation must be seen: lists are asked for where they are served.
    pub lists: Option<What>,
    /// What measures: time since any moment that stays the same.
    pub monotonic: Arc<dyn MonotonicClock>,
    /// Since when it could be seen, by that clock.
    pub since: Duration,
    /// How long it is waited for, from now; zero asks each endpoint once.
    pub timeout: Duration,
    /// The time, for freshness.
    pub clock: Arc<dyn Clock>,
    /// What verifies signatures.
    pub crypto: Arc<dyn CryptoProvider>,
    /// Set by whoever will wait no longer.
    pub given_up: Arc<AtomicBool>,
}

impl Watch<'_> {
    /// Asks until each has seen all, or the time is over. `report` gets each observation as it is
    /// complete. Blocks; not to be called where that is forbidden.
    ///
    /// # Errors
    /// The operating system gave no resources to wait with.
    pub fn run(&self, report: &mut dyn FnMut(&Observation)) -> std::io::Result<Vec<Observation>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let observations = runtime.block_on(self.observe(report));
        // A question to the authority that is still on its way answers to nobody.
        runtime.shutdown_background();
        Ok(observations)
    }

    async fn observe(&self, report: &mut dyn FnMut(&Observation)) -> Vec<Observation> {
        let waiting = Waiting {
            clock: Arc::clone(&self.monotonic),
            since: self.since,
            end: self.monotonic.now().saturating_add(self.timeout),
            given_up: Arc::clone(&self.given_up),
        };
        let known = Arc::new(Known::new(Arc::clone(&self.source), self.roster.clone()));
        let exchange = Exchange::new();
        let subjects: Arc<[Subject]> = self.subjects.into();
        let (done, mut completed) = mpsc::unbounded_channel();
        for endpoint in &self.roster.endpoints {
            let lists = self.lists.filter(|_| endpoint.crls);
            for what in [Some(What::Ocsp), lists].into_iter().flatten() {
                let of_interest = subjects.iter().any(|it| !addresses(it, what).is_empty());
                if !of_interest {
                    continue;
                }
                let question = Question {
                    endpoint: endpoint.clone(),
                    what,
                    subjects: Arc::clone(&subjects),
                    waiting: waiting.clone(),
                    is_once: self.timeout.is_zero(),
                    exchange: exchange.clone(),
                    known: Arc::clone(&known),
                    clock: Arc::clone(&self.clock),
                    crypto: Arc::clone(&self.crypto),
                };
                let done = done.clone();
                tokio::spawn(async move {
                    // The other end is gone only when nobody waits any more.
                    let _told = done.send(question.ask_until_seen().await);
                });
            }
        }
        // Of a CA that answers by CRL only edges say nothing.
        let is_answered = subjects
            .iter()
            .any(|it| !addresses(it, What::Ocsp).is_empty());
        if let Some(entries) = self.entries.filter(|_| is_answered) {
            let following = Following::new(self.roster, entries, waiting, known);
            if !following.is_empty() {
                tokio::spawn(following.wait(done.clone()));
            }
        }
        drop(done);
        let mut observations = Vec::new();
        while let Some(observation) = completed.recv().await {
            report(&observation);
            observations.push(observation);
        }
        observations.sort_by(|a, b| (&a.endpoint, a.what).cmp(&(&b.endpoint, b.what)));
        observations
    }
}
