//! Who signs, and for how long it counts.

use std::sync::Arc;

use kasane_ca_core::authority::Authority;
use kasane_ca_core::folder::DataFolder;
use kasane_hsm::KeyBackend;
use kasane_ocsp::{OcspResponseStatus, Response};
use kasane_verify::certificate::Certificate;
use kasane_verify::ocsp::CertStatus;
use kasane_verify::revocation::{RevocationReason, Status};

use crate::common::parts;
use crate::common::{World, world};
use crate::failing::Device;
use crate::scene::{
    TERMINALS, ask, forward_to, issue, judge, never_used, now, responder, revoke, statuses,
    with_basic,
};

#[test]
fn response_is_signed_once_and_anew_after_a_quarter_of_its_window() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let first = ask(&world, &responder, TERMINALS, &issued.serial);
    let start = now(&world);
    forward_to(&world, start.plus_seconds(12 * 3_600 - 1));
    let kept = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(first.der, kept.der);
    forward_to(&world, start.plus_seconds(12 * 3_600));
    let renewed = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_ne!(first.der, renewed.der);
    assert_eq!(renewed.cacheable.unwrap().produced_at, now(&world));
    // Back again: an answer of the future would be believed by nobody.
    forward_to(&world, start);
    let back = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(back.cacheable.unwrap().produced_at, start);
}

#[test]
fn signers_are_replaced_in_time_and_the_new_one_waits_an_hour() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let signer_of = |response: &Response| {
        with_basic(response, |basic| {
            let signer = Certificate::from_der(basic.certificates[0]).unwrap();
            signer.serial().to_vec()
        })
    };
    let start = now(&world);
    let old = signer_of(&ask(&world, &responder, TERMINALS, &issued.serial));
    forward_to(&world, start.plus_seconds(30 * 86_400 - 1));
    assert!(responder.ensure_signers(now(&world)).rolled.is_empty());
    forward_to(&world, start.plus_days(30));
    let roll_over = responder.ensure_signers(now(&world));
    assert!(roll_over.failed.is_empty(), "{:?}", roll_over.failed);
    let labels: Vec<_> = roll_over
        .rolled
        .iter()
        .map(|it| it.key_label.as_str())
        .collect();
    assert_eq!(
        labels,
        [
            "ocsp-issuing-ecc-operator-2",
            "ocsp-issuing-ecc-server-2",
            "ocsp-issuing-ecc-terminal-2",
            "ocsp-issuing-rsa-2",
        ]
    );
    assert!(responder.ensure_signers(now(&world)).rolled.is_empty());
    let key = kasane_ca_core::projection::key::find(world.authority.tables(), labels[2]).unwrap();
    assert_eq!(key.unwrap().role, "ocsp-responder");

    assert_eq!(
        signer_of(&ask(&world, &responder, TERMINALS, &issued.serial)),
        old
    );
    // The old response is refreshed by then as well.
    forward_to(&world, start.plus_days(31));
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_ne!(signer_of(&response), old);
    assert_eq!(judge(&world, &issued, &response, None).status, Status::Good);
}

#[test]
fn nothing_is_said_for_a_time_after_the_signer() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let end = world
        .authority
        .ocsp_signers(TERMINALS)
        .unwrap()
        .pop()
        .unwrap()
        .not_after;
    forward_to(&world, end.plus_seconds(-3_600));
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(response.cacheable.unwrap().next_update, end);
    judge(&world, &issued, &response, None);
    forward_to(&world, end.plus_seconds(1));
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    let answer = judge(&world, &issued, &response, None);
    assert_eq!(
        (answer.status, answer.this_update),
        (Status::Good, now(&world))
    );
    // The one that was asked for has its new signer already.
    assert_eq!(responder.ensure_signers(now(&world)).rolled.len(), 3);
}

#[test]
fn revoked_signer_is_replaced_by_the_next_request() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    ask(&world, &responder, TERMINALS, &issued.serial);
    let signer = world
        .authority
        .ocsp_signers(TERMINALS)
        .unwrap()
        .pop()
        .unwrap();
    revoke(
        &world,
        TERMINALS,
        &signer.serial,
        Some(RevocationReason::KeyCompromise),
    );
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    let replaced = world
        .authority
        .ocsp_signers(TERMINALS)
        .unwrap()
        .pop()
        .unwrap();
    assert_ne!(replaced.serial, signer.serial);
    with_basic(&response, |basic| {
        let by = Certificate::from_der(basic.certificates[0]).unwrap();
        assert_eq!(by.serial(), replaced.serial);
    });
    assert_eq!(judge(&world, &issued, &response, None).status, Status::Good);
    assert!(responder.ensure_signers(now(&world)).rolled.is_empty());
}

#[test]
fn revoked_signer_is_replaced_by_the_next_look_too() {
    let world = world();
    let responder = responder(&world);
    // From here on the look knows the signer and reads no more than its status.
    assert!(responder.ensure_signers(now(&world)).rolled.is_empty());
    let signers = world.authority.ocsp_signers(TERMINALS).unwrap();
    let reason = Some(RevocationReason::KeyCompromise);
    revoke(&world, TERMINALS, &signers[0].serial, reason);
    let rolled = responder.ensure_signers(now(&world)).rolled;
    assert_eq!(rolled.len(), 1);
    assert_eq!(rolled[0].issuer, TERMINALS);
}

#[test]
fn signer_that_begins_in_the_future_does_not_keep_a_new_one_away() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let start = now(&world);
    // A clock that is wrong by years, and then set right after the signers in use have ended.
    forward_to(&world, start.plus_days(700));
    assert_eq!(responder.ensure_signers(now(&world)).rolled.len(), 4);
    forward_to(&world, start.plus_days(100));
    let rolled = responder.ensure_signers(now(&world)).rolled;
    assert_eq!(rolled.len(), 4);
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(judge(&world, &issued, &response, None).status, Status::Good);
    assert!(responder.ensure_signers(now(&world)).rolled.is_empty());
}

#[test]
fn clock_before_the_ca_began_gets_no_answer_and_makes_no_key() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let start = now(&world);
    forward_to(&world, start.plus_days(-2));
    let entries = world.authority.ledger().size();
    for _ in 0..3 {
        let response = ask(&world, &responder, TERMINALS, &issued.serial);
        assert_eq!(response.status, OcspResponseStatus::TryLater);
    }
    let failed = responder.ensure_signers(now(&world)).failed;
    let codes: Vec<_> = failed.iter().map(|it| it.error.code()).collect();
    assert_eq!(codes, ["clock.behind"; 4]);
    assert_eq!(world.authority.ledger().size(), entries);
    // Right again: nothing rests that a wrong clock put off.
    forward_to(&world, start);
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(judge(&world, &issued, &response, None).status, Status::Good);
}

#[test]
fn nothing_is_answered_while_the_store_lags_behind_the_ledger() {
    let world = world();
    let responder = responder(&world);
    let issued = issue(&world);
    let before = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(statuses(&before), [CertStatus::GOOD]);
    // The ledger takes any bytes; the projection refuses what is no entry.
    let batch = kasane_ledger::Batch {
        entries: vec![b"no entry".to_vec()],
        private: Vec::new(),
    };
    assert!(world.authority.ledger().append(batch).is_err());
    let response = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(response.status, OcspResponseStatus::TryLater);
    assert_eq!(response.cacheable, None);
}

#[test]
fn failing_key_is_answered_with_try_later_and_kept_answers_go_on() {
    let World {
        authority,
        clock,
        backend,
        folder,
        path,
        recovered,
    } = world();
    authority.stop(&folder).unwrap();
    drop((authority, folder));
    let device = Arc::new(Device::new(Arc::clone(&backend)));
    let folder = DataFolder::open(path.path()).unwrap();
    let mut parts = parts(&clock, &backend);
    parts.backend = Arc::clone(&device) as Arc<dyn KeyBackend>;
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    let world = World {
        authority,
        clock,
        backend,
        folder,
        path,
        recovered,
    };
    let responder = responder(&world);
    let issued = issue(&world);
    let first = ask(&world, &responder, TERMINALS, &issued.serial);
    let first_times = first.cacheable.unwrap();
    let asked = device.asked();
    device.fail(true);
    let kept = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!((kept.der, device.asked()), (first.der, asked));
    let refused = ask(&world, &responder, TERMINALS, &[1]);
    assert_eq!(refused.status, OcspResponseStatus::TryLater);
    assert_eq!(refused.cacheable, None);
    device.fail(false);
    let answered = ask(&world, &responder, TERMINALS, &[1]);
    assert_eq!(statuses(&answered), [never_used()]);

    // Due to be renewed, but nobody can: the one before is given as long as it may be cached.
    let next_update = first_times.next_update;
    device.fail(true);
    forward_to(&world, next_update.plus_seconds(-301));
    let older = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(older.cacheable, Some(first_times));
    forward_to(&world, next_update.plus_seconds(-300));
    let none = ask(&world, &responder, TERMINALS, &issued.serial);
    assert_eq!(none.status, OcspResponseStatus::TryLater);
    device.fail(false);

    // Without a signer the device is asked for one once, and not for each request.
    let end = world.authority.ocsp_signers(TERMINALS).unwrap()[0].not_after;
    forward_to(&world, end.plus_seconds(1));
    device.fail(true);
    let try_later = || ask(&world, &responder, TERMINALS, &issued.serial).status;
    assert_eq!(try_later(), OcspResponseStatus::TryLater);
    let asked = device.asked();
    assert_eq!(try_later(), OcspResponseStatus::TryLater);
    assert_eq!(device.asked(), asked);
    device.fail(false);
    forward_to(&world, end.plus_seconds(31));
    assert_eq!(try_later(), OcspResponseStatus::Successful);
}
