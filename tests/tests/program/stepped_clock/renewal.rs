//! What is asked for is signed anew by itself, before whoever asks would have to wait for it.

use std::thread;
use std::time::{Duration, Instant};

use kasane_tests::edge::{EdgeService, Question};
use kasane_tests::program::{Service, free_address};
use kasane_tests::tools::Tool;
use kasane_verify::UnixTime;

use super::{HOUR, SteppedClock};
use crate::World;
use crate::edge::{Network, PATIENCE, eventually};
use crate::revocation::issue;

const ISSUER: &str = "issuing-ecc-terminal";

/// A response is handed out for twelve hours and due for renewal in the last of them.
const DUE_FROM: i64 = 11 * HOUR;

fn produced_at(question: &Question, address: &str) -> UnixTime {
    question.times_at(address).unwrap().0
}

/// Whoever asks gets what is kept, until there is another that nobody asked for: within its twelve hours
/// no question makes a new one.
fn is_renewed_ahead(clock: &SteppedClock, question: &Question, address: &str) {
    // The first one has it signed, the second one shows that it is asked for.
    let [_, kept] = [(); 2].map(|()| produced_at(question, address));
    clock.step_to(DUE_FROM - HOUR);
    // Several looks at what is due.
    thread::sleep(Duration::from_secs(3));
    assert_eq!(produced_at(question, address), kept, "not due yet");
    clock.step_to(DUE_FROM + HOUR / 2);
    let end = Instant::now() + PATIENCE;
    while produced_at(question, address) < kept.plus_seconds(DUE_FROM) {
        assert!(Instant::now() < end, "not renewed");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn service_renews_what_is_asked_for_before_it_is_due() {
    if Tool::FakeTime
        .or_skip("renewal by the service ahead of time")
        .is_none()
    {
        return;
    }
    let world = World::new();
    let clock = SteppedClock::new(world.folder.path().join("clock"));
    let service = Service::start_at(&clock.command(&world), free_address());
    let serial = issue(&world, "renewed");
    let question = Question::about(&service, ISSUER, &serial);
    is_renewed_ahead(&clock, &question, service.address());
    assert!(service.stop().success());
}

#[test]
fn edge_renews_what_is_asked_for_before_it_is_due() {
    if Tool::FakeTime
        .or_skip("renewal by an edge ahead of time")
        .is_none()
    {
        return;
    }
    let network = Network::new();
    // An edge takes no time for the present that its authority has not reached: both have one clock.
    let clock = SteppedClock::new(network.folder().join("clock"));
    let service = Service::start_with_feed(&clock.command(&network.world), network.feed);
    let serial = issue(&network.world, "renewed");
    let question = Question::about(&service, ISSUER, &serial);
    let folder = network.edge("edge-1");
    let edge = EdgeService::start(&clock.command(&folder));
    edge.wait_until_it_answers(&folder, PATIENCE);
    eventually("the certificate is known", &edge, || {
        question.is_good_at(edge.address())
    });
    is_renewed_ahead(&clock, &question, edge.address());
    assert!(edge.stop().success());
    assert!(service.stop().success());
}
