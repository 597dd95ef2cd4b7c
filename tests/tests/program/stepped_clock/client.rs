//! One who asks for status, by a clock that is known.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_tests::http::Connection;
use kasane_tests::status_load::{Exchange, Question, Said, Watched};
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::ocsp::{OcspResponse, OcspResponseStatus};

use super::clock::SteppedClock;
use super::question;

/// A signer that could not be made rests for 30 s.
const PATIENCE: Duration = Duration::from_secs(120);

/// The lists of the roots, which name issuing CAs and cross-certificates.
const ROOTS: [&str; 2] = ["crl/root-ecc/0.crl", "crl/root-rsa/0.crl"];

/// One who asks, and what was heard so far.
pub(super) struct Client<'a> {
    pub(super) clock: &'a SteppedClock,
    pub(super) watched: &'a [Watched],
    pub(super) connection: Connection,
}

pub(super) enum Heard {
    Answer(Said, Exchanged),
    /// No status, for now.
    Nothing,
}

/// When an answer was made, as the service took it.
#[derive(Clone, Copy)]
pub(super) struct Exchanged {
    this_update: i64,
    now: i64,
}

impl Client<'_> {
    /// Asks and judges: what is right under none of the clocks that held is wrong.
    pub(super) fn ask(&mut self, number: usize, question: &Question) -> Heard {
        let watched = &self.watched[number];
        let address = "127.0.0.1:80".parse().unwrap();
        let request = question.encode(watched, address);
        let may_be_silent = self.clock.silence.load(Ordering::SeqCst);
        let sent = Instant::now();
        let reply = self.connection.send(&request).unwrap();
        let (received, here) = (Instant::now(), SystemClock.now());
        assert_eq!(reply.status, 200);
        let response = OcspResponse::parse(&reply.body).unwrap();
        let offsets = self.clock.between(sent, received);
        if response.response_status != OcspResponseStatus::Successful {
            assert_eq!(response.response_status, OcspResponseStatus::TryLater);
            let may_be_silent = may_be_silent || self.clock.silence.load(Ordering::SeqCst);
            assert!(may_be_silent, "{offsets:?}");
            return Heard::Nothing;
        }
        let judge = |offset_seconds: i64| {
            let exchange = Exchange {
                sent,
                received,
                now: here.plus_seconds(offset_seconds),
                nonce: question.nonce.as_ref(),
                response: &reply.body,
            };
            exchange.judge(watched, Duration::ZERO)
        };
        let judged: Vec<_> = offsets.iter().map(|offset| judge(*offset)).collect();
        let Some(said) = judged.iter().find_map(|it| it.clone().ok()) else {
            panic!("{offsets:?} {question:?}: {judged:?}");
        };
        let this_update = response.basic().unwrap().data.responses[0].this_update;
        Heard::Answer(
            said,
            Exchanged {
                this_update: this_update.seconds(),
                now: here.plus_seconds(*offsets.last().unwrap()).seconds(),
            },
        )
    }

    /// Until a new signer is made: the one who comes first makes it, the others are told to come back.
    pub(super) fn wait_for_answer(&mut self, number: usize) {
        let end = Instant::now() + PATIENCE;
        while matches!(self.ask(number, &question(0)), Heard::Nothing) {
            assert!(Instant::now() < end, "no answer");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks for every list that there is for a certificate (that of its shard, the delta, the roots')
    /// and judges each: none is of the future, none is over. Those that came, the shard's first.
    pub(super) fn ask_crls(&mut self, number: usize) -> Vec<IndexedCrl> {
        let certificate = Certificate::from_der(&self.watched[number].der).unwrap();
        let extensions = certificate.extensions();
        let points = [extensions.crl_distribution_points, extensions.freshest_crl];
        let addresses = points.map(|points| points.unwrap().iter().find_map(|it| it.uris().next()));
        let named = addresses.map(|address| address.unwrap().splitn(4, '/').nth(3).unwrap());
        let paths = named.into_iter().chain(ROOTS);
        paths.filter_map(|path| self.ask_crl(path)).collect()
    }

    fn ask_crl(&mut self, path: &str) -> Option<IndexedCrl> {
        let may_be_silent = self.clock.silence.load(Ordering::SeqCst);
        let sent = Instant::now();
        let request = format!("GET /{path} HTTP/1.1\r\nHost: s\r\n\r\n");
        let reply = self.connection.send(request.as_bytes()).unwrap();
        let (received, here) = (Instant::now(), SystemClock.now());
        let offsets = self.clock.between(sent, received);
        if reply.status != 200 {
            assert_eq!(reply.status, 503, "{path}");
            let may_be_silent = may_be_silent || self.clock.silence.load(Ordering::SeqCst);
            assert!(may_be_silent, "{path}: {offsets:?}");
            return None;
        }
        let list = IndexedCrl::from_der(reply.body).unwrap();
        let (this_update, next_update) = (list.list().this_update(), list.list().next_update());
        let holds = |offset: &i64| {
            let now = here.plus_seconds(*offset);
            this_update <= now && next_update.is_some_and(|next| now < next)
        };
        assert!(
            offsets.iter().any(holds),
            "{path}: {this_update} to {next_update:?}, {here} and {offsets:?}"
        );
        Some(list)
    }

    /// The CRL that the certificate names lists it.
    pub(super) fn crl_lists(&mut self, number: usize) {
        let lists = self.ask_crls(number);
        let serial = &self.watched[number].serial;
        assert!(lists[0].find(serial).unwrap().is_some());
    }

    /// Every kind of question about one certificate: the one thing that was said, and how old the
    /// oldest answer was, in seconds.
    pub(super) fn ask_all(&mut self, number: usize) -> (Said, i64) {
        let mut oldest = 0;
        let mut heard: Vec<Said> = Vec::new();
        for kind in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] {
            match self.ask(number, &question(kind)) {
                Heard::Answer(said, times) => {
                    heard.push(said);
                    oldest = oldest.max(times.now - times.this_update);
                }
                Heard::Nothing => panic!("no answer to kind {kind}"),
            }
        }
        heard.dedup();
        assert_eq!(heard.len(), 1, "{heard:?}");
        (heard[0], oldest)
    }
}
