//! An edge whose machine's clock jumps while nobody corrects it. `faketime` moves it for the edge alone.

use std::time::Duration;

use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_tests::edge::{EdgeService, Question};
use kasane_tests::tools::Tool;
use kasane_verify::UnixTime;

use crate::edge::{Network, PATIENCE, eventually};
use crate::stepped_clock::SteppedClock;

const DAY: i64 = 24 * 3_600;

/// producedAt and thisUpdate of what the edge says now.
fn times(question: &Question, edge: &EdgeService) -> (UnixTime, UnixTime) {
    question.times_at(edge.address()).unwrap()
}

#[test]
fn edge_without_contact_makes_no_answer_of_the_future_when_its_clock_jumps() {
    if Tool::FakeTime
        .or_skip("an edge while its clock jumps")
        .is_none()
    {
        return;
    }
    let network = Network::new();
    let service = network.service();
    let issued = network.world.issue(&network.world.csr(), "clock-good");
    let serial = issued["serial"].as_str().unwrap();
    let question = Question::about(&service, "issuing-ecc-terminal", serial);
    let folder = network.edge("edge-1");
    let clock = SteppedClock::new(network.folder().join("edge-clock"));
    let stepped = clock.command(&folder);
    let edge = EdgeService::start(&stepped);
    edge.wait_until_it_answers(&folder, PATIENCE);
    eventually("the certificate is known", &edge, || {
        question.is_good_at(edge.address())
    });
    service.kill();
    let last_contact = SystemClock.now();
    // What it takes for the present is never after what it is: neither an hour, a day nor a year ahead.
    let asserted = |edge: &EdgeService| {
        for ahead in [3_600, DAY, 400 * DAY, -DAY, 0] {
            clock.step_to(ahead);
            // What was kept before is not of the future either.
            for _ in 0..3 {
                let Some((produced_at, this_update)) = question.times_at(edge.address()) else {
                    // Before the signers began there is no answer.
                    assert!(ahead < 0);
                    continue;
                };
                let now = SystemClock.now();
                assert!(produced_at <= now, "{ahead}: {produced_at} at {now}");
                assert!(this_update <= last_contact, "{ahead}: {this_update}");
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    };
    asserted(&edge);
    // Nor after its death, in the same boot.
    clock.step_to(2 * DAY);
    edge.kill();
    let edge = EdgeService::start(&stepped);
    let (produced_at, _) = times(&question, &edge);
    assert!(produced_at <= SystemClock.now());
    asserted(&edge);
    assert!(edge.stop().success());
}
