//! The machine's clock jumps while clients ask. `faketime` moves it for the service alone.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_ca_core::random::{RandomSource, SystemRandom};
use kasane_tests::control::NotDone;
use kasane_tests::http::Connection;
use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::sample::Key;
use kasane_tests::status_load::{Exchange, Question, Said, Watched};
use kasane_tests::tools::Tool;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::IndexedCrl;
use kasane_verify::ocsp::{OcspResponse, OcspResponseStatus};

use crate::World;
use crate::status_under_load::{Stop, enrol, issue_command};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A signer that could not be made rests for 30 s.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the service takes for the time: this machine's and so many seconds.
pub(crate) struct SteppedClock {
    file: PathBuf,
    /// When which offset held, as far as a test can know: two overlap while one follows the other.
    offsets: Mutex<Vec<Held>>,
    /// Whether there may be nobody to answer.
    silence: AtomicBool,
}

struct Held {
    offset_seconds: i64,
    from: Instant,
    until: Option<Instant>,
}

impl SteppedClock {
    pub(crate) fn new(file: PathBuf) -> Self {
        let clock = Self {
            file,
            offsets: Mutex::default(),
            silence: AtomicBool::new(false),
        };
        clock.step_to(0);
        clock
    }

    /// The program under this clock.
    pub(crate) fn command(&self, kasane: &Kasane) -> Kasane {
        let file = self.file.to_str().unwrap();
        kasane
            .clone()
            .with("LD_PRELOAD", library().to_str().unwrap())
            .with("FAKETIME_TIMESTAMP_FILE", file)
            .with("FAKETIME_NO_CACHE", "1")
            // Deadlines and timers go on as they should.
            .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .with("DONT_FAKE_MONOTONIC", "1")
    }

    pub(crate) fn step_to(&self, offset_seconds: i64) {
        let from = Instant::now();
        self.offsets.lock().unwrap().push(Held {
            offset_seconds,
            from,
            until: None,
        });
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{offset_seconds:+}")).unwrap();
        fs::rename(&new, &self.file).unwrap();
        let until = Some(Instant::now());
        let mut offsets = self.offsets.lock().unwrap();
        let before = offsets.len() - 1;
        if let Some(held) = offsets[..before].last_mut() {
            held.until = until;
        }
    }

    /// The offsets that may have held at some time between the two.
    fn between(&self, sent: Instant, received: Instant) -> Vec<i64> {
        let offsets = self.offsets.lock().unwrap();
        let held = offsets
            .iter()
            .filter(|it| it.from <= received && it.until.is_none_or(|until| until >= sent));
        held.map(|it| it.offset_seconds).collect()
    }
}

/// Debian keeps it in a folder of the architecture's.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap();
    let mut places = folders.map(|folder| {
        let folder = folder.unwrap().path();
        folder.join("faketime/libfaketimeMT.so.1")
    });
    places.find(|place| place.exists()).unwrap()
}

/// One who asks, and what was heard so far.
struct Client<'a> {
    clock: &'a SteppedClock,
    watched: &'a [Watched],
    connection: Connection,
}

enum Heard {
    Answer(Said, Exchanged),
    /// No status, for now.
    Nothing,
}

/// When an answer was made, as the service took it.
#[derive(Clone, Copy)]
struct Exchanged {
    this_update: i64,
    now: i64,
}

impl Client<'_> {
    /// Asks and judges: what is right under none of the clocks that held is wrong.
    fn ask(&mut self, number: usize, question: &Question) -> Heard {
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
    fn wait_for_answer(&mut self, number: usize) {
        let end = Instant::now() + PATIENCE;
        while matches!(self.ask(number, &question(0)), Heard::Nothing) {
            assert!(Instant::now() < end, "no answer");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The CRL that the certificate names lists it, and is not of the future where the clock is right.
    fn crl_lists(&mut self, number: usize) {
        let watched = &self.watched[number];
        let certificate = Certificate::from_der(&watched.der).unwrap();
        let points = certificate.extensions().crl_distribution_points.unwrap();
        let address = points.iter().find_map(|point| point.uris().next());
        let path = address.unwrap().splitn(4, '/').nth(3).unwrap();
        let request = format!("GET /{path} HTTP/1.1\r\nHost: s\r\n\r\n");
        let der = self.connection.send(request.as_bytes()).unwrap().body;
        let now = SystemClock.now();
        let list = IndexedCrl::from_der(der).unwrap();
        assert!(list.find(&watched.serial).unwrap().is_some(), "{path}");
        let this_update = list.list().this_update();
        assert!(this_update <= now, "{path}: {this_update}");
    }

    /// Every kind of question about one certificate: the one thing that was said, and how old the
    /// oldest answer was, in seconds.
    fn ask_all(&mut self, number: usize) -> (Said, i64) {
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

fn question(kind: u8) -> Question {
    let mut nonce = [0; 16];
    SystemRandom.fill(&mut nonce).unwrap();
    Question::of_kind(kind, nonce)
}

#[test]
fn no_answer_is_of_the_future_or_stale_when_the_clock_jumps() {
    if Tool::FakeTime
        .or_skip("status while the clock jumps")
        .is_none()
    {
        return;
    }
    let world = World::new();
    let clock = SteppedClock::new(world.folder.path().join("clock"));
    let address = free_address();
    let service = Service::start_at(&clock.command(&world), address);
    let watched = enrol(&world, &service, 3);
    let client = || Client {
        clock: &clock,
        watched: &watched,
        connection: Connection::new(address),
    };
    let stop = AtomicBool::new(false);
    let answers = AtomicUsize::new(0);
    thread::scope(|scope| {
        let _stop = Stop(&stop);
        for _ in 0..3 {
            scope.spawn(|| {
                let mut client = client();
                for kind in (0..32).cycle() {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    for number in 0..watched.len() {
                        let heard = client.ask(number, &question(kind));
                        answers.fetch_add(
                            usize::from(matches!(heard, Heard::Answer(..))),
                            Ordering::Relaxed,
                        );
                    }
                }
            });
        }
        walk(&world, &service, &clock, &watched, &mut client());
    });
    assert!(answers.load(Ordering::Relaxed) > 100);
    assert!(service.stop().success());
}

/// Forward, backward, and before the beginning.
fn walk(
    world: &World,
    service: &Service,
    clock: &SteppedClock,
    watched: &[Watched],
    client: &mut Client<'_>,
) {
    let [ecc, rsa] = [0, watched.len() / 2];
    let good = |client: &mut Client<'_>, youngest_than: i64| {
        for number in [ecc, rsa] {
            let (said, age) = client.ask_all(number);
            assert_eq!(said, Said::Good);
            assert!(age < youngest_than, "{age} s");
        }
    };
    good(client, HOUR);
    // What is kept goes on for its twelve hours, and no longer.
    clock.step_to(3 * HOUR);
    good(client, 4 * HOUR);
    clock.step_to(26 * HOUR);
    good(client, HOUR);
    // Back again: what was signed a day ahead is handed out no more.
    clock.step_to(0);
    good(client, HOUR);

    // A revocation by a clock that was ahead stays one, whatever the clock says later.
    clock.step_to(26 * HOUR);
    for number in [ecc + 1, rsa + 1] {
        assert!(watched[number].revoke(world, "key-compromise"));
        assert!(matches!(client.ask_all(number).0, Said::Revoked { .. }));
    }
    clock.step_to(0);
    for number in [ecc + 1, rsa + 1] {
        assert!(matches!(client.ask_all(number).0, Said::Revoked { .. }));
    }
    good(client, HOUR);
    // Nothing is issued by a clock that is behind what is recorded; revocation goes on, and shows.
    match world.post(&issue_command(&Key::P384, "terminal-ecc"), || {}) {
        Err(NotDone::Refused(why)) => assert_eq!(why["error"]["code"], "clock.behind", "{why}"),
        other => panic!("{other:?}"),
    }
    for number in [ecc + 2, rsa + 2] {
        assert!(watched[number].revoke(world, "superseded"));
        assert!(matches!(client.ask_all(number).0, Said::Revoked { .. }));
        client.crl_lists(number);
    }

    // Past the end of every signer (45 days): there are new ones as soon as somebody asks.
    clock.silence.store(true, Ordering::SeqCst);
    clock.step_to(60 * DAY);
    for number in [ecc, rsa] {
        client.wait_for_answer(number);
    }
    clock.silence.store(false, Ordering::SeqCst);
    good(client, HOUR);
    assert!(
        service.log().contains("new OCSP signer"),
        "{}",
        service.log()
    );
    // Before these begin, while the first ones are valid still.
    clock.step_to(20 * DAY);
    good(client, HOUR);
    clock.step_to(0);
    good(client, HOUR);

    // Before the CAs began nobody can answer, and nobody does.
    clock.silence.store(true, Ordering::SeqCst);
    clock.step_to(-2 * DAY);
    for kind in 0..8 {
        assert!(matches!(client.ask(ecc, &question(kind)), Heard::Nothing));
    }
    assert!(service.log().contains("clock.behind"), "{}", service.log());
    clock.step_to(60 * DAY);
    for number in [ecc, rsa] {
        client.wait_for_answer(number);
    }
    clock.silence.store(false, Ordering::SeqCst);
    good(client, HOUR);
    for number in [ecc + 1, rsa + 1, ecc + 2, rsa + 2] {
        assert!(matches!(client.ask_all(number).0, Said::Revoked { .. }));
    }
}
