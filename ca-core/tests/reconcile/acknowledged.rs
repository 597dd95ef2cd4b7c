//! Alarms that people have looked at.

use kasane_ca_core::{Actor, Error};
use kasane_ledger_schema::Event;

use crate::device::OURS;
use crate::world::{ISSUING, World, world};

/// A world with alarms of so many rogue signatures, and their numbers.
fn alarmed(count: usize) -> (World, Vec<u64>) {
    let world = world();
    world.reconcile();
    for _ in 0..count {
        world.device.rogue(0x56, world.device.id(ISSUING), OURS);
    }
    let alarms = world.reconcile().alarms;
    assert_eq!(alarms.len(), count);
    (world, alarms.iter().map(|it| it.raised.unwrap()).collect())
}

fn officer() -> Actor {
    Actor::local_user(1000)
}

#[test]
fn acknowledged_alarm_stays_listed_with_who_when_and_why() {
    let (world, alarms) = alarmed(2);
    let done = world
        .authority
        .acknowledge_alarms(&officer(), &alarms[..1], "a test of the auditors")
        .unwrap();
    assert_eq!((done.alarms.as_slice(), done.open), (&alarms[..1], 1));
    // The report is the same that an outside auditor makes: `reconcile` compares them.
    let report = world.reconcile();
    assert_eq!((report.open_alarms, report.acknowledged_alarms), (1, 1));
    let acknowledgement = report.alarms[0].acknowledged.as_ref().unwrap();
    assert_eq!(acknowledgement.entry, done.entry.unwrap());
    assert_eq!(acknowledgement.by, officer().as_str());
    assert_eq!(acknowledgement.reason, "a test of the auditors");
    assert_eq!(acknowledgement.time, world.authority.now());
    assert!(!report.alarms[0].open && report.alarms[1].open);
    world
        .authority
        .acknowledge_alarms(&officer(), &alarms[1..], "the same test")
        .unwrap();
    let world = world.crash();
    let report = world.reconcile();
    assert_eq!((report.open_alarms, report.acknowledged_alarms), (0, 2));
    // A later one is open again.
    world.device.rogue(0x56, world.device.id(ISSUING), OURS);
    assert_eq!(world.reconcile().open_alarms, 1);
}

#[test]
fn acknowledging_again_changes_nothing_and_says_so() {
    let (world, alarms) = alarmed(2);
    let acknowledge = |alarms: &[u64], reason: &str| {
        world
            .authority
            .acknowledge_alarms(&officer(), alarms, reason)
            .unwrap()
    };
    // The same number twice is one alarm.
    let first = acknowledge(&[alarms[0], alarms[0]], "looked at");
    assert_eq!(first.alarms, [alarms[0]]);
    let size = world.events().len();
    let again = acknowledge(&alarms[..1], "looked at again");
    assert_eq!((again.entry, again.before.as_slice()), (None, &alarms[..1]));
    assert_eq!(world.events().len(), size);
    let both = acknowledge(&alarms, "both");
    assert_eq!(both.alarms, [alarms[1]]);
    assert_eq!(both.before, [alarms[0]]);
    let report = world.reconcile();
    let reason = |at: usize| {
        report.alarms[at]
            .acknowledged
            .as_ref()
            .unwrap()
            .reason
            .clone()
    };
    assert_eq!((reason(0), reason(1)), ("looked at".into(), "both".into()));
}

#[test]
fn number_that_is_no_alarm_is_refused_and_nothing_is_acknowledged() {
    let (world, alarms) = alarmed(1);
    let size = world.events().len() as u64;
    for number in [0, size - 1, size, u64::MAX] {
        let error = world
            .authority
            .acknowledge_alarms(&officer(), &[alarms[0], number], "looked at")
            .unwrap_err();
        assert!(
            matches!(error, Error::NotFound { kind: "alarm", .. }),
            "{error}"
        );
    }
    assert_eq!(world.reconcile().open_alarms, 1);
    let none = world.authority.acknowledge_alarms(&officer(), &[], "none");
    assert!(matches!(none, Err(Error::BadArgument { .. })));
    let many: Vec<u64> = (0..1_025).collect();
    let many = world.authority.acknowledge_alarms(&officer(), &many, "all");
    assert!(matches!(many, Err(Error::BadArgument { .. })));
}

#[test]
fn reason_is_required_and_is_one_line_of_plain_text() {
    let (world, alarms) = alarmed(1);
    let long = "x".repeat(501);
    for reason in [
        "",
        "  ",
        "\u{1b}[2J",
        "two\nlines",
        "turned \u{202e}",
        &long,
    ] {
        let refused = world
            .authority
            .acknowledge_alarms(&officer(), &alarms, reason);
        assert!(
            matches!(refused, Err(Error::BadArgument { what: "reason", .. })),
            "{reason:?}"
        );
    }
    world
        .authority
        .acknowledge_alarms(&officer(), &alarms, "監査人の試験")
        .unwrap();
    let written = world.events().into_iter().filter_map(|event| match event {
        Event::DeviceAlarmsAcknowledged(body) => Some(body),
        _ => None,
    });
    let written: Vec<_> = written.collect();
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].alarms, alarms);
}
