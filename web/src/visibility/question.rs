//! One endpoint, asked until it tells.

use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::clock::Clock;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::ocsp::MAX_RESPONSE_BYTES;

use super::exchange::{Exchange, TIMEOUT, Wanted};
use super::known::Known;
use super::subject::Answered;
use super::waiting::Waiting;
use super::{Endpoint, Observation, Seen, Subject, What};

/// A CRL of a shard is the largest thing that is asked for.
const MAX_LIST_BYTES: usize = 64 * 1024 * 1024;

/// The last question before the end has so long all the same.
const LEAST_TIMEOUT: Duration = Duration::from_millis(200);

/// One endpoint, one way to see it.
pub(super) struct Question {
    pub(super) endpoint: Endpoint,
    pub(super) what: What,
    pub(super) subjects: Arc<[Subject]>,
    pub(super) waiting: Waiting,
    /// Each is asked once, and given the time that it takes.
    pub(super) is_once: bool,
    pub(super) exchange: Exchange,
    pub(super) known: Arc<Known>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) crypto: Arc<dyn CryptoProvider>,
}

impl Question {
    pub(super) async fn ask_until_seen(self) -> Observation {
        let mut observation = Observation {
            endpoint: self.endpoint.name.clone(),
            url: self.endpoint.url.clone(),
            what: self.what,
            after_milliseconds: None,
            serial: String::new(),
            seen: Seen::NotAsked,
        };
        tokio::select! {
            () = self.ask_about_each(&mut observation) => {}
            () = self.waiting.given_up() => {}
        }
        observation
    }

    async fn ask_about_each(&self, observation: &mut Observation) {
        let mut pause = None;
        for subject in self.subjects.iter() {
            if addresses(subject, self.what).is_empty() {
                continue;
            }
            subject.serial().clone_into(&mut observation.serial);
            observation.after_milliseconds = None;
            loop {
                observation.seen = self.ask(subject).await;
                if observation.seen.tells() {
                    observation.after_milliseconds = Some(self.waiting.milliseconds());
                    break;
                }
                if !self.waiting.pause(&mut pause).await {
                    return;
                }
            }
        }
    }

    async fn ask(&self, subject: &Subject) -> Seen {
        let mut seen = Seen::NotAsked;
        for address in addresses(subject, self.what) {
            let limit = if self.is_once {
                TIMEOUT
            } else {
                self.waiting.left().clamp(LEAST_TIMEOUT, TIMEOUT)
            };
            let (accept, most_bytes) = match self.what {
                What::Ocsp => ("application/ocsp-response", MAX_RESPONSE_BYTES),
                What::Delta | What::Crl | What::Feed => ("application/pkix-crl", MAX_LIST_BYTES),
            };
            let wanted = Wanted {
                address: &self.endpoint.place(&address),
                accept,
                most_bytes,
                limit,
            };
            let fetched = match self.exchange.get(&wanted).await {
                Ok(fetched) => fetched,
                Err(instead) => {
                    seen = instead;
                    continue;
                }
            };
            let now = self.clock.now();
            let crypto = &*self.crypto;
            seen = match self.what {
                What::Ocsp => match subject.judge_ocsp(crypto, &fetched.body, now) {
                    Ok(answered) => self.judge_signer(answered).await,
                    Err(not_believed) => not_believed,
                },
                What::Delta | What::Crl | What::Feed => {
                    subject.judge_crl(crypto, &fetched.body, now)
                }
            };
            if let Seen::Good { cached, .. } = &mut seen {
                *cached = fetched.cached;
            }
            if seen.tells() {
                break;
            }
        }
        seen
    }

    /// Whoever answers must be the one that was asked.
    async fn judge_signer(&self, answered: Answered) -> Seen {
        let Answered { seen, signer } = answered;
        match self.known.check_signer(&self.endpoint, signer).await {
            Ok(()) => seen,
            Err(wrong) => Seen::WrongSigner {
                code: wrong.code.to_owned(),
                reason: format!("{}; it says: {}", wrong.reason, seen.describe()),
            },
        }
    }
}

/// Where a revocation of `subject` can be seen.
pub(super) fn addresses(subject: &Subject, what: What) -> Vec<String> {
    let owned = |address: Option<&str>| address.map(str::to_owned);
    let (first, second) = match what {
        What::Ocsp => (subject.ocsp_address(), None),
        What::Delta => (owned(subject.crl_address()), owned(subject.delta_address())),
        What::Crl => (owned(subject.crl_address()), None),
        What::Feed => (None, None),
    };
    // The delta is asked first: it is small, and there first.
    second.into_iter().chain(first).collect()
}
