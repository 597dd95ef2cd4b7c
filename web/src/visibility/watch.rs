//! Asking everybody until all have seen it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kasane_ca_core::clock::Clock;
use kasane_verify::crypto::CryptoProvider;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::exchange::Exchange;
use super::{Endpoint, Seen, Subject};

/// Between two questions to one endpoint: soon at first, since it is to be a matter of milliseconds.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Where a revocation is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// OCSP.
    Ocsp,
    /// The delta CRL, or the full CRL if that was faster.
    Delta,
    /// The full CRL.
    Crl,
}

/// What one endpoint said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The endpoint's name.
    pub endpoint: String,
    /// Its address.
    pub url: String,
    /// Where it was looked for.
    pub what: What,
    /// Milliseconds from the revocation to the first answer that tells of it, of the last certificate
    /// to be seen; none when that did not come.
    pub after_milliseconds: Option<u64>,
    /// The certificate that was not seen as revoked, or the last one that was.
    pub serial: String,
    /// What was said of it last.
    pub seen: Seen,
}

/// Asks endpoints about certificates.
pub struct Watch<'a> {
    /// Whom.
    pub endpoints: &'a [Endpoint],
    /// About which.
    pub subjects: &'a [Subject],
    /// Where else than in OCSP a revocation must be seen: lists are asked for where they are served.
    pub lists: Option<What>,
    /// Since when it could be seen.
    pub since: Instant,
    /// How long it is waited for, from now.
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
        Ok(runtime.block_on(self.observe(report)))
    }

    async fn observe(&self, report: &mut dyn FnMut(&Observation)) -> Vec<Observation> {
        let end = Instant::now() + self.timeout;
        let exchange = Exchange::new();
        let subjects: Arc<[Subject]> = self.subjects.into();
        let (done, mut completed) = mpsc::unbounded_channel();
        let mut asked = 0;
        for endpoint in self.endpoints {
            let lists = self.lists.filter(|_| endpoint.crls);
            for what in [Some(What::Ocsp), lists].into_iter().flatten() {
                let of_interest = subjects.iter().any(|it| !addresses(it, what).is_empty());
                if !of_interest {
                    continue;
                }
                asked += 1;
                let question = Question {
                    endpoint: endpoint.clone(),
                    what,
                    subjects: Arc::clone(&subjects),
                    since: self.since,
                    end,
                    exchange: exchange.clone(),
                    clock: Arc::clone(&self.clock),
                    crypto: Arc::clone(&self.crypto),
                    given_up: Arc::clone(&self.given_up),
                };
                let done = done.clone();
                tokio::spawn(async move {
                    // The other end is gone only when nobody waits any more.
                    let _told = done.send(question.ask_until_seen().await);
                });
            }
        }
        drop(done);
        let mut observations = Vec::with_capacity(asked);
        while let Some(observation) = completed.recv().await {
            report(&observation);
            observations.push(observation);
        }
        observations.sort_by(|a, b| (&a.endpoint, a.what).cmp(&(&b.endpoint, b.what)));
        observations
    }
}

/// One endpoint, one way to see it.
struct Question {
    endpoint: Endpoint,
    what: What,
    subjects: Arc<[Subject]>,
    since: Instant,
    end: Instant,
    exchange: Exchange,
    clock: Arc<dyn Clock>,
    crypto: Arc<dyn CryptoProvider>,
    given_up: Arc<AtomicBool>,
}

impl Question {
    async fn ask_until_seen(self) -> Observation {
        let mut observation = Observation {
            endpoint: self.endpoint.name.clone(),
            url: self.endpoint.url.clone(),
            what: self.what,
            after_milliseconds: None,
            serial: String::new(),
            seen: Seen::NotAsked,
        };
        let mut pause = FIRST_PAUSE;
        for subject in self.subjects.iter() {
            if addresses(subject, self.what).is_empty() {
                continue;
            }
            subject.serial().clone_into(&mut observation.serial);
            observation.after_milliseconds = None;
            loop {
                observation.seen = self.ask(subject).await;
                if observation.seen.is_revoked() {
                    let after = self.since.elapsed().as_millis();
                    observation.after_milliseconds = Some(u64::try_from(after).unwrap_or(u64::MAX));
                    break;
                }
                let now = Instant::now();
                if now >= self.end || self.given_up.load(Ordering::Acquire) {
                    return observation;
                }
                tokio::time::sleep(pause.min(self.end - now)).await;
                pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            }
        }
        observation
    }

    async fn ask(&self, subject: &Subject) -> Seen {
        let mut seen = Seen::NotAsked;
        for address in addresses(subject, self.what) {
            let address = self.endpoint.place(&address);
            let accept = match self.what {
                What::Ocsp => "application/ocsp-response",
                What::Delta | What::Crl => "application/pkix-crl",
            };
            let fetched = match self.exchange.get(&address, accept).await {
                Ok(fetched) => fetched,
                Err(instead) => {
                    seen = instead;
                    continue;
                }
            };
            let now = self.clock.now();
            let crypto = &*self.crypto;
            seen = match self.what {
                What::Ocsp => subject.judge_ocsp(crypto, &fetched.body, now),
                What::Delta | What::Crl => subject.judge_crl(crypto, &fetched.body, now),
            };
            if let Seen::Good { cached, .. } = &mut seen {
                *cached = fetched.cached;
            }
            if seen.is_revoked() {
                break;
            }
        }
        seen
    }
}

/// Where a revocation of `subject` can be seen.
fn addresses(subject: &Subject, what: What) -> Vec<String> {
    let owned = |address: Option<&str>| address.map(str::to_owned);
    let (first, second) = match what {
        What::Ocsp => (subject.ocsp_address(), None),
        What::Delta => (owned(subject.crl_address()), owned(subject.delta_address())),
        What::Crl => (owned(subject.crl_address()), None),
    };
    // The delta is asked first: it is small, and there first.
    second.into_iter().chain(first).collect()
}
