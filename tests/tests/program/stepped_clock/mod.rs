//! The machine's clock jumps while clients ask. `faketime` moves it for the service alone.

mod client;
mod clock;
mod renewal;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use kasane_ca_core::random::{RandomSource, SystemRandom};
use kasane_tests::control::NotDone;
use kasane_tests::http::Connection;
use kasane_tests::program::{Service, free_address};
use kasane_tests::sample::Key;
use kasane_tests::status_load::{Question, Said, Watched};
use kasane_tests::tools::Tool;

use self::client::{Client, Heard};
pub(crate) use self::clock::{SteppedClock, library};
use crate::World;
use crate::status_under_load::{Stop, enrol, issue_command};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

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
    let (answers, crls) = (AtomicUsize::new(0), AtomicUsize::new(0));
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
                        let lists = client.ask_crls(number).len();
                        let heard = usize::from(matches!(heard, Heard::Answer(..)));
                        answers.fetch_add(heard, Ordering::Relaxed);
                        crls.fetch_add(lists, Ordering::Relaxed);
                    }
                }
            });
        }
        walk(&world, &service, &clock, &watched, &mut client());
    });
    assert!(answers.load(Ordering::Relaxed) > 100);
    assert!(crls.load(Ordering::Relaxed) > 100);
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
            assert_eq!(client.ask_crls(number).len(), 4);
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
        assert!(client.ask_crls(rsa).is_empty());
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
