use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_ca_core::random::{RandomSource, SystemRandom};
use kasane_verify::ocsp::{OcspResponse, OcspResponseStatus};

use super::{Endpoint, Exchange, Failure, Method, Outage, Question, Revocations, Said, Watched};
use crate::http::Connection;

/// Who was not answered waits so long.
const PAUSE: Duration = Duration::from_millis(5);

/// Wrong answers that are told in full.
const MOST_TOLD: usize = 20;

/// Asks several endpoints about several certificates, from as many threads as call it, and checks
/// each answer.
#[derive(Debug)]
pub struct Checker {
    endpoints: Vec<Endpoint>,
    watched: Vec<Watched>,
    /// What was heard, by endpoint and certificate.
    heard: Vec<Vec<Mutex<Heard>>>,
    book: Mutex<Book>,
}

/// What one endpoint said about one certificate.
#[derive(Debug, Default)]
struct Heard {
    /// When the last question was sent that was answered with "good".
    last_good: Option<Instant>,
    /// When the first "revoked" came, and what it said.
    revoked: Option<(Instant, Said)>,
}

#[derive(Debug, Default)]
struct Book {
    counts: Counts,
    wrong: Vec<String>,
    outages: Vec<Outage>,
    failures: Vec<Failure>,
}

/// How much was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Right answers "good".
    pub good: usize,
    /// Right answers "revoked".
    pub revoked: usize,
    /// Those of both to a GET.
    pub by_get: usize,
    /// Those of both with a nonce.
    pub with_nonce: usize,
    /// CRLs.
    pub lists: usize,
    /// Questions without an answer, within an outage.
    pub unanswered: usize,
}

impl Checker {
    /// Nothing was asked yet.
    #[must_use]
    pub fn new(endpoints: Vec<Endpoint>, watched: Vec<Watched>) -> Self {
        let row = |_| watched.iter().map(|_| Mutex::default()).collect();
        Self {
            heard: (0..endpoints.len()).map(row).collect(),
            endpoints,
            watched,
            book: Mutex::default(),
        }
    }

    /// The certificates, in the order in which they were given.
    #[must_use]
    pub fn watched(&self) -> &[Watched] {
        &self.watched
    }

    pub(super) fn endpoint(&self, number: usize) -> &Endpoint {
        &self.endpoints[number]
    }

    pub(super) fn note_wrong(&self, why: String) {
        self.book.lock().unwrap().wrong.push(why);
    }

    pub(super) fn note_failure(&self, failure: Failure) {
        self.book.lock().unwrap().failures.push(failure);
        std::thread::sleep(PAUSE);
    }

    pub(super) fn count_list(&self) {
        self.book.lock().unwrap().counts.lists += 1;
    }

    /// A client: asks every endpoint in turn, about certificates in random order, until told to stop.
    ///
    /// # Panics
    /// When there is no randomness.
    pub fn ask_until(&self, stop: &AtomicBool) {
        let endpoints = self.endpoints.iter().enumerate();
        let mut connections: Vec<_> = endpoints
            .map(|(number, endpoint)| (number, Connection::new(endpoint.address)))
            .collect();
        while !stop.load(Ordering::Relaxed) {
            for (endpoint, connection) in &mut connections {
                let mut random = [0; 19];
                SystemRandom.fill(&mut random).unwrap();
                let [kind, high, low, nonce @ ..] = random;
                let watched = usize::from(u16::from_be_bytes([high, low])) % self.watched.len();
                self.ask(
                    *endpoint,
                    connection,
                    watched,
                    &Question::of_kind(kind, nonce),
                );
            }
        }
    }

    fn ask(
        &self,
        endpoint: usize,
        connection: &mut Connection,
        number: usize,
        question: &Question,
    ) {
        let watched = &self.watched[number];
        let request = question.encode(watched, self.endpoints[endpoint].address);
        let sent = Instant::now();
        let reply = connection.send(&request);
        let (received, now) = (Instant::now(), SystemClock.now());
        let unanswered = |why: String| {
            self.note_failure(Failure {
                endpoint,
                sent,
                ended: received,
                why,
            });
        };
        let response = match reply {
            Err(error) => return unanswered(error.to_string()),
            Ok(reply) if reply.status != 200 => {
                return unanswered(format!("HTTP status {}", reply.status));
            }
            Ok(reply) => reply.body,
        };
        // What says nothing about the certificate is no wrong answer: it is none.
        if let Ok(parsed) = OcspResponse::parse(&response)
            && parsed.response_status != OcspResponseStatus::Successful
        {
            return unanswered(format!("{:?}", parsed.response_status));
        }
        let exchange = Exchange {
            sent,
            received,
            now,
            nonce: question.nonce.as_ref(),
            response: &response,
        };
        let judged = exchange
            .judge(watched, self.endpoints[endpoint].visible_within)
            .and_then(|said| self.remember(endpoint, number, &exchange, said));
        let mut book = self.book.lock().unwrap();
        match judged {
            Ok(said) => {
                let counts = &mut book.counts;
                match said {
                    Said::Good => counts.good += 1,
                    Said::Revoked { .. } => counts.revoked += 1,
                }
                counts.by_get += usize::from(question.method == Method::Get);
                counts.with_nonce += usize::from(question.nonce.is_some());
            }
            Err(why) => {
                let place = format!("{} of {}", hex::encode(&watched.serial), watched.issuer);
                book.wrong
                    .push(format!("endpoint {endpoint}, {place}, {question:?}: {why}"));
            }
        }
    }

    /// Revoked is for ever, and says the same each time.
    fn remember(
        &self,
        endpoint: usize,
        watched: usize,
        exchange: &Exchange<'_>,
        said: Said,
    ) -> Result<Said, String> {
        let mut heard = self.heard[endpoint][watched].lock().unwrap();
        match (said, heard.revoked) {
            (Said::Good, Some((first, before))) if first < exchange.sent => {
                return Err(format!("good after {before:?}"));
            }
            (Said::Good, _) => heard.last_good = heard.last_good.max(Some(exchange.sent)),
            (now, Some((_, before))) if now != before => {
                return Err(format!("{now:?} after {before:?}"));
            }
            (now, Some((first, _))) => {
                heard.revoked = Some((first.min(exchange.received), now));
            }
            (now, None) => heard.revoked = Some((exchange.received, now)),
        }
        Ok(said)
    }

    /// Notes a time in which an endpoint was away. Whatever was durable at its beginning is to be known
    /// at its end, or elsewhere soon after.
    ///
    /// # Panics
    /// When a client panicked.
    pub fn note_outage(&self, outage: Outage) {
        self.book.lock().unwrap().outages.push(outage);
    }

    /// Compares what was heard with the ledger; how much it was.
    ///
    /// # Panics
    /// When anything was wrong, or a question had no answer outside an outage.
    #[must_use]
    pub fn finish(self, ledger: &Revocations) -> Counts {
        let Self {
            endpoints,
            watched,
            heard,
            book,
        } = self;
        let mut book = book.into_inner().unwrap();
        // Where what is recorded is known again as soon as there is an answer.
        let of_origins = book.outages.iter();
        let of_origins = of_origins.filter(|outage| endpoints[outage.endpoint].is_origin());
        let restarts: Vec<Instant> = of_origins.map(|outage| outage.until).collect();
        for (endpoint, row) in heard.into_iter().enumerate() {
            let visible_within = endpoints[endpoint].visible_within;
            for (watched, heard) in watched.iter().zip(row) {
                let heard = heard.into_inner().unwrap();
                if let Err(why) = compare(watched, &heard, ledger, &restarts, visible_within) {
                    let serial = hex::encode(&watched.serial);
                    book.wrong.push(format!(
                        "endpoint {endpoint}, {serial} of {}: {why}",
                        watched.issuer
                    ));
                }
            }
        }
        for failure in &book.failures {
            if book.outages.iter().any(|outage| outage.excuses(failure)) {
                book.counts.unanswered += 1;
            } else {
                book.wrong.push(format!(
                    "endpoint {}: no answer and no outage: {}",
                    failure.endpoint, failure.why
                ));
            }
        }
        let told = book.wrong.len().min(MOST_TOLD);
        assert!(
            book.wrong.is_empty(),
            "{} wrong, {:?}:\n{}",
            book.wrong.len(),
            book.counts,
            book.wrong[..told].join("\n")
        );
        book.counts
    }
}

/// Whether what an endpoint said of a certificate is what the ledger says in the end.
fn compare(
    watched: &Watched,
    heard: &Heard,
    ledger: &Revocations,
    restarts: &[Instant],
    visible_within: Duration,
) -> Result<(), String> {
    let key = (watched.issuer.clone(), hex::encode(&watched.serial));
    let Some(recorded) = ledger.get(&key) else {
        if watched.acknowledged.get().is_some() {
            return Err("its revocation was acknowledged and is not in the ledger".to_owned());
        }
        return heard.revoked.map_or(Ok(()), |(_, said)| {
            Err(format!("{said:?}, and the ledger has no revocation"))
        });
    };
    let Some(asked) = watched.asked.get() else {
        return Err("the ledger has a revocation that nobody asked for".to_owned());
    };
    if let Some((_, Said::Revoked { date, reason })) = heard.revoked {
        let reason = reason.map(|reason| u64::from(reason as u32));
        if date.to_string() != recorded.date || reason != recorded.reason {
            return Err(format!(
                "{date}, {reason:?}, and the ledger has {recorded:?}"
            ));
        }
    }
    // Recorded, and nobody was told: it was so before the outage that took the answer, and is known
    // after it.
    let restarts = restarts.iter().filter(|until| *until >= asked);
    let known = restarts.min().map(|until| *until + visible_within);
    match (watched.acknowledged.get(), known, heard.last_good) {
        (None, Some(known), Some(last_good)) if last_good > known => {
            Err("good after the restart, and it was revoked before".to_owned())
        }
        _ => Ok(()),
    }
}
