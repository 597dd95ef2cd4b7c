//! What nobody asked for is found.

use kasane_ca_core::authority::DeviceAction;
use kasane_ca_core::reconcile::{Context, LogNotRead, RECONCILED, alarm};
use kasane_ca_core::{Actor, Error};
use kasane_ledger_schema::Event;

use crate::device::{Fault, OURS};
use crate::world::{ISSUING, OCSP, context, key, world};

#[test]
fn signature_behind_the_authoritys_back_is_found_with_its_number() {
    let world = world();
    world.issue().unwrap();
    let number = world.device.rogue(0x56, world.device.id(ISSUING), OURS);
    world.issue().unwrap();
    let expected = [(
        alarm::SIGNATURE_WITHOUT_ATTEMPT.to_owned(),
        // Which of the two last ones it was, nobody can tell: the log shows one too many.
        Some(number),
    )];
    world.device.drain(true).unwrap();
    let found = world.alarms();
    assert_eq!(found.len(), expected.len());
    assert_eq!(found[0].0, expected[0].0);
    assert!(found[0].1 == Some(number) || found[0].1 == Some(number + 1));
}

#[test]
fn alarm_is_raised_once_and_stays_in_the_report() {
    let world = world();
    world.reconcile();
    let number = world.device.rogue(0x47, world.device.id("root-rsa"), OURS);
    let expected = [(alarm::SIGNATURE_WITHOUT_ATTEMPT.to_owned(), Some(number))];
    assert_eq!(world.alarms(), expected);
    assert_eq!(world.alarms(), expected);
    let world = world.crash();
    assert_eq!(world.alarms(), expected);
    let world = world.restart();
    assert_eq!(world.alarms(), expected);
    assert_eq!(world.alarm_entries(), 1);
    let report = world.reconcile();
    let alarm = &report.alarms[0];
    assert_eq!(alarm.device, "hsm-a");
    assert_eq!(alarm.serial, "7654321");
    assert!(alarm.detail.contains("root-rsa"), "{}", alarm.detail);
}

#[test]
fn later_attempts_do_not_hide_an_earlier_rogue_signature() {
    let world = world();
    world.device.rogue(0x56, world.device.id(ISSUING), OURS);
    world.device.drain(true).unwrap();
    world.issue().unwrap();
    world.device.rogue(0x56, world.device.id(ISSUING), OURS);
    assert_eq!(world.alarms().len(), 2);
    let report = world.reconcile();
    assert_eq!(key(&report, ISSUING).unexplained_signatures, 2);
}

#[test]
fn attempts_that_came_to_nothing_do_not_hide_rogue_signatures_for_ever() {
    let world = world();
    world.device.fail_next([Fault::CommandLost; 4]);
    world.issue().unwrap_err();
    world.reconcile();
    let clock = &world.clock;
    clock.set(kasane_ca_core::clock::Clock::now(&**clock).plus_seconds(3600));
    world.reconcile();
    let number = world.device.rogue(0x56, world.device.id(ISSUING), OURS);
    assert_eq!(
        world.alarms(),
        [(alarm::SIGNATURE_WITHOUT_ATTEMPT.to_owned(), Some(number))]
    );
}

#[test]
fn attempts_that_came_to_nothing_hide_no_rogue_signature_of_a_busy_key() {
    let world = world();
    world.device.fail_next([Fault::CommandLost; 4]);
    world.issue().unwrap_err();
    world.reconcile();
    let later = || {
        let now = world.authority.now();
        world.clock.set(now.plus_seconds(600));
    };
    for _ in 0..3 {
        later();
        for _ in 0..5 {
            world.issue().unwrap();
        }
        assert_eq!(world.alarms(), []);
    }
    let number = world.device.rogue(0x56, world.device.id(ISSUING), OURS);
    assert_eq!(
        world.alarms(),
        [(alarm::SIGNATURE_WITHOUT_ATTEMPT.to_owned(), Some(number))]
    );
}

#[test]
fn rogue_ocsp_signatures_beyond_a_block_are_found() {
    let world = world();
    world.answer_ocsp().unwrap();
    for _ in 0..300 {
        world.device.rogue(0x56, world.device.id(OCSP), OURS);
    }
    let found = world.alarms();
    assert_eq!(found.len(), 300 - 255, "beyond what is reserved");
}

#[test]
fn key_of_nobody_is_found() {
    let world = world();
    let number = world.device.rogue(0x6a, 0x4321, OURS);
    assert_eq!(
        world.alarms(),
        [(alarm::SIGNATURE_BY_UNKNOWN_KEY.to_owned(), Some(number))]
    );
}

#[test]
fn signature_in_anothers_session_is_found_even_if_one_was_asked_for() {
    let world = world();
    // The attempt is on record; somebody else's session used it up.
    world.device.fail_next([Fault::CommandLost]);
    let number = world.device.rogue(0x56, world.device.id(ISSUING), 9);
    world.issue().unwrap();
    assert_eq!(
        world.alarms(),
        [(alarm::SIGNATURE_BY_FOREIGN_SESSION.to_owned(), Some(number))]
    );
    assert_eq!(world.alarms().len(), 1, "once");
    // What follows is told too, all of it together.
    let next = world.device.rogue(0x56, 0x4321, 9);
    world.device.rogue(0x56, 0x4321, 9);
    world.device.rogue(0x56, 0x4321, 9);
    let foreign = || {
        let mut found = world.reconcile().alarms;
        found.retain(|it| it.alarm == alarm::SIGNATURE_BY_FOREIGN_SESSION);
        found
    };
    let found = foreign();
    let numbers: Vec<_> = found.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [Some(number), Some(next)]);
    assert!(
        found[1].detail.contains("(and 2 more)"),
        "{}",
        found[1].detail
    );
    assert_eq!(foreign(), found, "once each");
    // Also after a restart, which reads the account from its rows.
    let world = world.restart();
    let size = world.alarm_entries();
    world.reconcile();
    assert_eq!(world.alarm_entries(), size);
}

#[test]
fn sessions_of_several_foreign_keys_are_told_one_alarm_each() {
    let world = world();
    for _ in 0..3 {
        for session in [9, 10] {
            world.device.rogue(0x56, world.device.id(ISSUING), session);
        }
    }
    let mut found = world.reconcile().alarms;
    found.retain(|it| it.alarm == alarm::SIGNATURE_BY_FOREIGN_SESSION);
    let details: Vec<_> = found.iter().map(|it| it.detail.as_str()).collect();
    assert_eq!(details.len(), 2, "{details:?}");
    for (key, detail) in ["0x0009", "0x000a"].iter().zip(details) {
        assert!(
            detail.contains(key) && detail.contains("(and 2 more)"),
            "{detail}"
        );
    }
}

#[test]
fn foreign_session_is_raised_once_even_where_findings_are_no_longer_listed() {
    let world = world();
    for _ in 0..4_100 {
        world.device.rogue(0x6a, 0x4321, OURS);
    }
    world.reconcile();
    world.device.rogue(0x56, world.device.id(ISSUING), 9);
    world.reconcile();
    let raised = world.alarm_entries();
    world.reconcile();
    world.reconcile();
    assert_eq!(world.alarm_entries(), raised);
}

#[test]
fn signature_that_no_log_shows_is_found() {
    let world = world();
    world.device.fail_next([Fault::NotLogged]);
    world.issue().unwrap();
    assert_eq!(
        world.alarms(),
        [(alarm::SIGNATURE_IN_NO_LOG.to_owned(), None)]
    );
    assert_eq!(world.alarms().len(), 1, "once");
}

/// One configured device could not be opened.
fn partly() -> Context {
    let mut context = context();
    let away = LogNotRead::NotOpened {
        reason: "no answer".into(),
    };
    context.logs_not_read.insert("hsm-b".into(), away);
    context
}

#[test]
fn signature_in_no_log_proves_nothing_while_a_log_cannot_be_read() {
    let world = world().crash_with(partly());
    world.issue().unwrap();
    // The device that is not here may have made it.
    world.device.fail_next([Fault::NotLogged]);
    world.issue().unwrap();
    for _ in 0..2 {
        let report = world.authority.reconcile().unwrap();
        assert_eq!(report.alarms, []);
        assert_eq!(report.logs_not_read[0].device, "hsm-b");
        assert!(report.logs_not_read[0].reason.contains("no answer"));
    }
    assert!(!world.events().iter().any(|event| matches!(
        event,
        Event::DeviceActionNoted(note) if note.action == RECONCILED
    )));
    // Once every log is read, it is found.
    let world = world.crash();
    let expected = [(alarm::SIGNATURE_IN_NO_LOG.to_owned(), None)];
    assert_eq!(world.alarms(), expected);
}

#[test]
fn no_attempt_is_written_off_while_a_log_cannot_be_read() {
    let world = world().crash_with(partly());
    world.device.fail_next([Fault::CommandLost; 4]);
    world.issue().unwrap_err();
    for _ in 0..3 {
        assert_eq!(world.authority.reconcile().unwrap().alarms, []);
        world.clock.set(world.authority.now().plus_seconds(3600));
    }
    // The device that was away shows late what it was asked for in time.
    world.device.rogue(0x56, world.device.id(ISSUING), OURS);
    assert_eq!(world.authority.reconcile().unwrap().alarms, []);
}

#[test]
fn commands_that_change_a_device_are_found_unless_noted() {
    for (command, action) in [
        (0x46, "generate"),
        (0x4a, "backup"),
        (0x4b, "restore"),
        (0x4c, "put-wrap-key"),
        (0x44, "put-authentication-key"),
        (0x45, "import"),
        (0x4f, "set-option"),
        (0x58, "delete"),
        (0x6c, "change-authentication-key"),
        (0x08, "reset"),
        (0x64, "attest"),
    ] {
        let world = world();
        let note = DeviceAction {
            device: "hsm-a",
            serial: "7654321",
            action,
            subject: "",
            detail: "a test",
        };
        world
            .authority
            .note_device_action(&Actor::system(), &note)
            .unwrap();
        world.device.rogue(command, 0x4242, OURS);
        assert_eq!(world.alarms(), [], "{action} was noted");
        // Attestations of the ceremony were noted and never asked for: they would explain it.
        if command != 0x64 {
            let number = world.device.rogue(command, 0x4242, OURS);
            assert_eq!(
                world.alarms(),
                [(alarm::COMMAND_NOT_NOTED.to_owned(), Some(number))],
                "{action} once more"
            );
        }
    }
}

#[test]
fn note_about_one_key_does_not_explain_another() {
    let world = world();
    let note = DeviceAction {
        action: "backup",
        subject: OCSP,
        ..DeviceAction::default()
    };
    world
        .authority
        .note_device_action(&Actor::system(), &note)
        .unwrap();
    let number = world.device.rogue(0x4a, world.device.id(ISSUING), OURS);
    assert_eq!(
        world.alarms(),
        [(alarm::COMMAND_NOT_NOTED.to_owned(), Some(number))]
    );
}

#[test]
fn harmless_and_refused_commands_are_no_alarm() {
    let world = world();
    for command in [0x01, 0x03, 0x04, 0x06, 0x40, 0x48, 0x4d, 0x4e, 0x54, 0x67] {
        world.device.rogue(command, 0xffff, OURS);
    }
    let id = world.device.id(ISSUING);
    world
        .device
        .meddle(|state| state.log(0x56, id, OURS, false));
    world
        .device
        .meddle(|state| state.log(0x4a, id, OURS, false));
    let report = world.reconcile();
    assert_eq!(report.alarms, []);
    assert_eq!(report.devices[0].refused, 2);
}

#[test]
fn unknown_action_is_refused() {
    let world = world();
    let note = DeviceAction {
        action: "destroy",
        ..DeviceAction::default()
    };
    let error = world
        .authority
        .note_device_action(&Actor::system(), &note)
        .unwrap_err();
    assert!(matches!(error, Error::BadArgument { .. }));
    let mark = DeviceAction {
        action: RECONCILED,
        ..DeviceAction::default()
    };
    world
        .authority
        .note_device_action(&Actor::system(), &mark)
        .unwrap_err();
}
