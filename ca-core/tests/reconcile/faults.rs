//! Faults of devices and crashes: noted, and never an alarm by themselves.

use std::sync::Arc;

use kasane_ca_core::authority::DeviceAction;
use kasane_ca_core::reconcile::alarm;
use kasane_ca_core::signing::SigningError;
use kasane_ca_core::{Actor, Error};
use kasane_hsm::{KeyBackend, KeyLabel, KeyRole};
use kasane_ledger_schema::{Closed, Event};
use kasane_verify::KeyAlgorithm;

use crate::device::{Backend, Fault};
use crate::world::{ISSUING, OCSP, key, world};

#[test]
fn everything_that_was_asked_for_reconciles() {
    let world = world();
    for _ in 0..30 {
        world.issue().unwrap();
        world.answer_ocsp().unwrap();
    }
    world.authority.checkpoint().unwrap();
    let report = world.reconcile();
    assert_eq!(report.alarms, []);
    let issuing = key(&report, ISSUING);
    // The ceremony had it sign one certificate of an OCSP signer.
    assert_eq!(issuing.released, 31);
    assert_eq!(issuing.attempts, 31);
    assert_eq!(issuing.device_signatures, Some(31));
    assert_eq!(issuing.lost_attempts, 0);
    let ocsp = key(&report, OCSP);
    assert_eq!(ocsp.counted_attempts, 30);
    assert_eq!(ocsp.device_signatures, Some(30));
    let ledger = key(&report, "ledger");
    assert!(ledger.device_signatures.unwrap() <= ledger.attempts);
    assert_eq!(report.devices.len(), 1);
    assert!(report.devices[0].noted_not_seen.iter().all(|left| {
        // Every key was noted; this device attests nothing.
        left.command == "sign attestation certificate"
    }));
}

#[test]
fn lost_answer_is_a_further_attempt_noted_before_it() {
    let world = world();
    world.device.fail_next([Fault::AnswerLost]);
    let issued = world.issue().unwrap();
    let events = world.events();
    let noted = events.iter().position(|event| {
        matches!(event, Event::SignatureAttempted(body) if body.record == issued.record && body.attempt == 2)
    });
    let noted = noted.unwrap() as u64;
    assert!(issued.record < noted && noted < issued.outcome);
    let report = world.reconcile();
    assert_eq!(report.alarms, []);
    let issuing = key(&report, ISSUING);
    assert_eq!(
        issuing.device_signatures,
        Some(issuing.released + 1),
        "the lost answer was a signature"
    );
    assert_eq!(issuing.lost_attempts, 1);
}

#[test]
fn what_no_device_executed_is_tried_again_without_a_note() {
    let world = world();
    world.device.fail_next([Fault::Busy, Fault::Busy]);
    world.issue().unwrap();
    let noted = world
        .events()
        .iter()
        .any(|event| matches!(event, Event::SignatureAttempted(_)));
    assert!(!noted);
    assert_eq!(world.reconcile().alarms, []);
}

#[test]
fn record_whose_attempts_are_used_up_is_closed_as_failed() {
    for fault in [Fault::AnswerLost, Fault::Refused, Fault::Busy] {
        let world = world();
        world.device.fail_next([fault; 4]);
        let error = world.issue().unwrap_err();
        assert_eq!(world.device.faults_left(), 0, "{fault:?}");
        assert!(matches!(error, Error::Signing(SigningError::Key(_))));
        let events = world.events();
        let closed = events.iter().any(
            |event| matches!(event, Event::RecordClosed(body) if body.outcome == Closed::Failed),
        );
        assert!(closed, "{fault:?}");
        world.issue().unwrap();
        assert_eq!(world.reconcile().alarms, [], "{fault:?}");
    }
}

#[test]
fn wrong_key_under_the_right_label_is_refused_named_and_told() {
    let world = world();
    world.device.fail_next([Fault::WrongKey; 4]);
    let error = world.issue().unwrap_err();
    let Error::Signing(SigningError::SignatureWrong { label, device }) = &error else {
        panic!("{error}");
    };
    assert_eq!(label.as_str(), ISSUING);
    assert_eq!(device.as_str(), "hsm-a");
    // Nothing takes this device out of service, so each attempt ends so, and each is told.
    let told = vec![(alarm::WRONG_SIGNATURE.to_owned(), None); 4];
    assert_eq!(world.alarms(), told);
    let report = world.reconcile();
    let issuing = key(&report, ISSUING);
    assert_eq!(issuing.unexplained_signatures, 0);
    assert_eq!(issuing.lost_attempts, 4);
}

#[test]
fn key_on_record_counts_and_not_the_one_that_the_device_shows() {
    let world = world();
    world.device.swap(ISSUING);
    let world = world.crash();
    let error = world.issue().unwrap_err();
    assert!(
        matches!(error, Error::Signing(SigningError::SignatureWrong { .. })),
        "{error}"
    );
    let told = vec![(alarm::WRONG_SIGNATURE.to_owned(), None); 4];
    assert_eq!(world.alarms(), told);
}

#[test]
fn crash_around_the_making_of_a_key_is_no_alarm() {
    let world = world();
    let label = KeyLabel::new("later").unwrap();
    let note = DeviceAction {
        action: "generate",
        subject: "later",
        ..DeviceAction::default()
    };
    // Noted and made; the process ends before the key is on record.
    let actor = Actor::system();
    world.authority.note_device_action(&actor, &note).unwrap();
    let (role, algorithm) = (KeyRole::OcspResponder, KeyAlgorithm::P384);
    Backend(Arc::clone(&world.device))
        .generate(&label, role, algorithm)
        .unwrap();
    world.device.drain(true).unwrap();
    let world = world.crash();
    assert_eq!(world.reconcile().alarms, []);
    world
        .authority
        .generate_key(&actor, &label, role, algorithm)
        .unwrap();
    assert_eq!(world.reconcile().alarms, []);
}

#[test]
fn wrong_signature_is_tried_elsewhere() {
    let world = world();
    world.device.fail_next([Fault::WrongKey]);
    world.issue().unwrap();
    assert_eq!(world.alarms().len(), 1);
}

#[test]
fn wrong_ocsp_signature_and_wrong_checkpoint_are_told_too() {
    let world = world();
    world.device.fail_next([Fault::WrongKey]);
    world.answer_ocsp().unwrap();
    world.device.fail_next([Fault::WrongKey]);
    world.authority.checkpoint().unwrap_err();
    world.authority.checkpoint().unwrap();
    assert_eq!(world.alarm_entries(), 2);
    assert_eq!(world.alarms().len(), 2);
}

#[test]
fn log_stored_before_a_crash_is_not_stored_twice() {
    let world = world();
    world.issue().unwrap();
    world.device.drain(false).unwrap();
    let stored = world.stored_log();
    let world = world.crash();
    world.device.drain(false).unwrap();
    world.device.drain(true).unwrap();
    assert_eq!(world.stored_log(), stored);
    assert_eq!(world.reconcile().alarms, []);
}

#[test]
fn crash_between_reservation_and_use_leaves_a_bound() {
    let mut world = world();
    for _ in 0..3 {
        world.answer_ocsp().unwrap();
        world = world.crash();
    }
    world.answer_ocsp().unwrap();
    let report = world.reconcile();
    assert_eq!(report.alarms, []);
    let ocsp = key(&report, OCSP);
    assert_eq!(ocsp.device_signatures, Some(4));
    assert_eq!(
        ocsp.counted_attempts,
        3 * 256 + 1,
        "three blocks of which nobody knows how much was used"
    );
    assert_eq!(ocsp.reserved_attempts, 255);
}

#[test]
fn clean_stop_gives_back_what_was_not_used() {
    let mut world = world();
    for _ in 0..3 {
        world.answer_ocsp().unwrap();
        world = world.restart();
    }
    let report = world.reconcile();
    assert_eq!(report.alarms, []);
    let ocsp = key(&report, OCSP);
    assert_eq!((ocsp.attempts, ocsp.device_signatures), (3, Some(3)));
    let ledger = key(&report, "ledger");
    // The first entries reserve eight checkpoints, of which one is signed when nothing goes wrong.
    assert_eq!(ledger.device_signatures, Some(ledger.attempts - 7));
}

#[test]
fn reservation_below_a_checkpoint_asks_for_no_other_one() {
    let world = world();
    world.issue().unwrap();
    assert!(!world.authority.is_checkpointed());
    world.authority.checkpoint().unwrap();
    assert!(world.authority.is_checkpointed());
    for _ in 0..150 {
        world.authority.checkpoint().unwrap();
        assert!(
            world.authority.is_checkpointed(),
            "nor does the page of the device's log that the signature leaves"
        );
    }
    let an_hour_later = world.authority.now().plus_seconds(3600);
    world.device.drain(true).unwrap();
    world.clock.set(an_hour_later);
    assert!(!world.authority.is_checkpointed(), "but not for ever");
    world.authority.checkpoint().unwrap();
    world.issue().unwrap();
    assert!(!world.authority.is_checkpointed());
    assert_eq!(world.reconcile().alarms, []);
}

#[test]
fn many_at_once_do_not_disturb_each_other() {
    let world = world();
    let faults = [Fault::AnswerLost, Fault::Busy, Fault::Refused];
    world.device.fail_next(faults.into_iter().cycle().take(12));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..6 {
                    // Four faults in a row for one record are possible; nothing else may fail.
                    let _issued = world.issue();
                    world.answer_ocsp().ok();
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..6 {
                world.authority.checkpoint().ok();
                world.authority.note_signatures().unwrap();
            }
        });
    });
    assert_eq!(world.reconcile().alarms, []);
}
