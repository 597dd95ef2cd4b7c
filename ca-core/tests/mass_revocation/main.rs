//! Many certificates revoked in one act.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../common/mod.rs"]
mod common;
mod counted;
mod unspread;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use common::{CrashAt, FACILITY, Stopped, p384, parts, requester, terminal_order, world};
use kasane_ca_core::authority::{
    Authority, Facilities, MassRevocationOrder, MassRevoked, MassSelection, Population,
    RevocationOrder, Status,
};
use kasane_ca_core::fail_point::FailPoint;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::projection::{mass_revocation, meta};
use kasane_ca_core::registration::{CheckDigit, FacilityCode, Holder};
use kasane_ca_core::store::digest;
use kasane_ca_core::{Actor, Error};
use kasane_ledger_schema::{Event, MassRevocationPart};
use kasane_verify::revocation::RevocationReason;

const TERMINALS: &str = "issuing-ecc-terminal";

fn populate(authority: &Authority, count: u64, revoke_every: u64) {
    let key = common::request(&p384()).key().clone();
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    let population = Population {
        profile: "terminal-ecc",
        count,
        revoke_every,
        key: &key,
        holder: &Holder::Facility(code),
    };
    authority
        .populate(&population, &mut |_| ControlFlow::Continue(()))
        .unwrap();
}

fn of_profile(profile: &str) -> MassSelection {
    MassSelection {
        profile: Some(profile.to_owned()),
        ..MassSelection::default()
    }
}

fn order(selection: MassSelection) -> MassRevocationOrder {
    MassRevocationOrder {
        selection,
        reason: Some(RevocationReason::Superseded),
        invalidity_date: None,
        confirmed: None,
        approvals: Vec::new(),
    }
}

fn revoke(authority: &Authority, selection: MassSelection) -> Result<MassRevoked, Error> {
    authority.revoke_many(&Actor::system(), &order(selection), &mut |_| {})
}

/// Serial numbers, and whether each is revoked.
fn all(authority: &Authority) -> Vec<(Vec<u8>, bool)> {
    let mut found = Vec::new();
    authority
        .each_certificate(TERMINALS, &mut |key, row| {
            if row.profile == "terminal-ecc" {
                found.push((key.serial, row.revocation.is_some()));
            }
            true
        })
        .unwrap();
    found
}

fn revoked(authority: &Authority) -> u64 {
    all(authority)
        .iter()
        .filter(|(_, revoked)| *revoked)
        .count() as u64
}

#[test]
fn act_revokes_each_once_and_leaves_what_was_revoked_before() {
    let world = world();
    let authority = &world.authority;
    // More than two entries hold.
    populate(authority, 8_000, 100);
    let before = all(authority);
    let early: Vec<_> = before.iter().filter(|(_, revoked)| *revoked).collect();
    let dates: Vec<_> = early
        .iter()
        .map(|(serial, _)| {
            authority
                .certificate(TERMINALS, serial)
                .unwrap()
                .row
                .revocation
        })
        .collect();
    let stamps: Vec<_> = before
        .iter()
        .map(|(serial, _)| authority.status_changes().stamp(serial))
        .collect();
    let seen = authority
        .choose_revocations(&of_profile("terminal-ecc"), &mut |_, _| {})
        .unwrap();
    assert_eq!((seen.certificates, seen.revoked_before), (7_920, 80));
    assert_eq!(revoked(authority), 80);

    let done = revoke(authority, of_profile("terminal-ecc")).unwrap();
    assert_eq!(
        (done.choice.certificates, done.choice.revoked_before),
        (7_920, 80)
    );
    assert!(!done.choice.sample.is_empty());
    assert_eq!(done.shards.len(), 16);
    assert_eq!(revoked(authority), 8_000);
    for ((serial, was), stamp) in before.iter().zip(stamps) {
        let status = authority.status(TERMINALS, serial).unwrap();
        assert!(matches!(status, Status::Revoked { .. }));
        // No kept response of a certificate that is revoked now stands.
        assert!(*was || !authority.status_changes().is_unchanged(serial, stamp));
    }
    for ((serial, _), date) in early.iter().zip(dates) {
        let row = authority.certificate(TERMINALS, serial).unwrap().row;
        assert_eq!(row.revocation, date);
    }
    let (index, act) = mass_revocation::all(authority.tables()).unwrap().remove(0);
    assert_eq!(Some(index), done.index);
    assert_eq!(act.parts, act.parts_applied);
    assert!(act.parts > 1, "{}", act.parts);
    assert_eq!((act.certificates, act.revoked_before), (7_920, 80));
    assert_eq!(act.selection, "profile terminal-ecc");
    assert!(act.approvers.is_empty());

    let again = revoke(authority, of_profile("terminal-ecc")).unwrap();
    assert_eq!((again.index, again.choice.certificates), (None, 0));
    assert_eq!(again.choice.revoked_before, 8_000);
}

#[test]
fn rebuilt_store_is_the_same() {
    let world = world();
    populate(&world.authority, 9_000, 7);
    let _done = revoke(&world.authority, of_profile("terminal-ecc")).unwrap();
    let before = digest(world.authority.tables()).unwrap();
    let world = world.stopped().without_store().start();
    world.authority.spread_revocations().unwrap();
    // A start notes nothing by itself.
    assert_eq!(digest(world.authority.tables()).unwrap(), before);
    assert_eq!(revoked(&world.authority), 9_000);
}

#[test]
fn authoritys_own_certificates_are_revoked_only_by_name() {
    let world = world();
    let authority = &world.authority;
    let issued = authority
        .issue(&requester(), terminal_order("terminal-ecc", 1, &p384()))
        .unwrap();
    let of_issuer = MassSelection {
        issuer: Some(TERMINALS.to_owned()),
        ..MassSelection::default()
    };
    let done = revoke(authority, of_issuer).unwrap();
    assert_eq!(done.choice.certificates, 1);
    let status = authority.status(TERMINALS, &issued.serial).unwrap();
    assert!(matches!(status, Status::Revoked { .. }));
    // Its OCSP signers go on.
    assert!(!authority.ocsp_signers(TERMINALS).unwrap().is_empty());
    for profile in ["issuing-ecc-terminal", "ocsp-signer", "canary"] {
        let refused = revoke(authority, of_profile(profile)).unwrap_err();
        assert_eq!(refused.code(), "argument.bad", "{profile}");
    }
    let of_root = MassSelection {
        issuer: Some("root-ecc".to_owned()),
        ..MassSelection::default()
    };
    assert_eq!(revoke(authority, of_root).unwrap().choice.certificates, 0);
    let ca = authority.issuer(TERMINALS).unwrap().serial.clone();
    let root = authority.issuer("root-ecc").unwrap().serial.clone();
    let listed = |serials: &[&Vec<u8>]| MassSelection {
        serials: Some(serials.iter().map(|it| (*it).clone()).collect()),
        ..MassSelection::default()
    };
    let refused = revoke(authority, listed(&[&ca, &root])).unwrap_err();
    assert_eq!(refused.code(), "certificate.state");
    let done = revoke(authority, listed(&[&ca, &issued.serial])).unwrap();
    assert_eq!(
        (done.choice.certificates, done.choice.revoked_before),
        (1, 1)
    );
}

#[test]
fn facilities_are_chosen_by_prefix_or_list_and_all_that_is_named_must_fit() {
    let world = world();
    let authority = &world.authority;
    let other = FacilityCode::parse("0111234568", CheckDigit::Skip).unwrap();
    authority
        .register_facility(&Actor::system(), &other, 2)
        .unwrap();
    populate(authority, 50, 0);
    let of = |facilities| MassSelection {
        facilities: Some(facilities),
        ..MassSelection::default()
    };
    let count = |selection: &MassSelection| {
        authority
            .choose_revocations(selection, &mut |_, _| {})
            .unwrap()
            .certificates
    };
    assert_eq!(count(&of(Facilities::Prefix("13".into()))), 50);
    assert_eq!(count(&of(Facilities::Prefix("01".into()))), 0);
    assert_eq!(count(&of(Facilities::Prefix(FACILITY.into()))), 50);
    let codes = |codes: &[&str]| codes.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(
        count(&of(Facilities::Codes(codes(&[FACILITY, "0111234568"])))),
        50
    );
    assert_eq!(count(&of(Facilities::Codes(codes(&["0111234568"])))), 0);
    let both = MassSelection {
        profile: Some("terminal-rsa".to_owned()),
        ..of(Facilities::Prefix("13".into()))
    };
    assert_eq!(count(&both), 0);
    for bad in [
        MassSelection::default(),
        of(Facilities::Prefix(String::new())),
        of(Facilities::Prefix("13x".into())),
        of(Facilities::Codes(BTreeSet::new())),
    ] {
        let refused = authority.choose_revocations(&bad, &mut |_, _| {});
        assert_eq!(refused.unwrap_err().code(), "argument.bad", "{bad:?}");
    }
}

#[test]
fn acts_and_single_revocations_at_once_revoke_each_certificate_once() {
    let world = world();
    let authority = &world.authority;
    populate(authority, 4_000, 0);
    let serials: Vec<_> = all(authority)
        .into_iter()
        .map(|(serial, _)| serial)
        .collect();
    let before = meta::progress(authority.tables()).unwrap().revocations;
    let (acts, singles) = std::thread::scope(|scope| {
        let acts: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| revoke(authority, of_profile("terminal-ecc")).unwrap()))
            .collect();
        let single = scope.spawn(|| {
            let revoke = |serial: &Vec<u8>| {
                let order = RevocationOrder {
                    issuer: TERMINALS,
                    serial,
                    reason: Some(RevocationReason::AffiliationChanged),
                    invalidity_date: None,
                };
                authority.revoke(&Actor::system(), &order)
            };
            let results = serials.iter().step_by(400).map(revoke);
            results.filter(Result::is_ok).count() as u64
        });
        let acts: Vec<_> = acts.into_iter().map(|it| it.join().unwrap()).collect();
        (acts, single.join().unwrap())
    });
    let by_acts: u64 = acts.iter().map(|it| it.choice.certificates).sum();
    assert_eq!(by_acts + singles, 4_000);
    assert!(acts.iter().any(|it| it.choice.certificates == 0));
    let after = meta::progress(authority.tables()).unwrap().revocations;
    assert_eq!(after - before, 4_000);
    assert_eq!(revoked(authority), 4_000);
}

#[test]
fn crash_leaves_the_whole_act_or_nothing_of_it() {
    for (point, expected) in [
        (FailPoint::MassRevocationChosen, 0),
        (FailPoint::MassRevocationDone, 5_000),
        (FailPoint::MassRevocationWritten, 5_000),
    ] {
        let world = world();
        populate(&world.authority, 5_000, 0);
        let Stopped {
            clock,
            backend,
            path,
        } = world.stopped();
        let folder = DataFolder::open(path.path()).unwrap();
        let mut crashing = parts(&clock, &backend);
        crashing.fail_points = Arc::new(CrashAt(point));
        let (authority, _) = Authority::start(&folder, crashing, &mut |_, _| {}).unwrap();
        let crashed = catch_unwind(AssertUnwindSafe(|| {
            revoke(&authority, of_profile("terminal-ecc"))
        }));
        assert!(crashed.is_err(), "{point:?}");
        drop((authority, folder));
        let world = common::start(path, clock, backend);
        assert_eq!(revoked(&world.authority), expected, "{point:?}");
        let done = revoke(&world.authority, of_profile("terminal-ecc")).unwrap();
        assert_eq!(done.choice.certificates, 5_000 - expected);
    }
}

#[test]
fn entries_of_an_act_name_each_certificate_in_order_and_fit_a_bundle() {
    let world = world();
    let authority = &world.authority;
    populate(authority, 7_000, 0);
    let done = revoke(authority, of_profile("terminal-ecc")).unwrap();
    let index = done.index.unwrap();
    let Event::MassRevocation(act) = authority.entry(index).unwrap().event else {
        panic!("no act at {index}");
    };
    let mut named = Vec::new();
    for number in 1..=u64::from(act.parts) {
        assert!(authority.ledger().entry(index + number).unwrap().len() <= 65_535);
        let Event::MassRevocationPart(MassRevocationPart { serials, .. }) =
            authority.entry(index + number).unwrap().event
        else {
            panic!("no part at {}", index + number);
        };
        named.extend(serials.into_iter().map(|it| it.into_bytes().to_vec()));
    }
    assert!(named.is_sorted());
    let expected: Vec<_> = all(authority)
        .into_iter()
        .map(|(serial, _)| serial)
        .collect();
    assert_eq!(named, expected);
}

#[test]
fn sample_of_an_act_has_its_first_and_its_last_certificate() {
    let world = world();
    populate(&world.authority, 700, 0);
    let done = revoke(&world.authority, of_profile("terminal-ecc")).unwrap();
    let serials: Vec<_> = all(&world.authority)
        .into_iter()
        .map(|(it, _)| it)
        .collect();
    let sample = done.choice.sample;
    let ends = [sample.first(), sample.last()].map(|it| &it.unwrap().key.serial);
    assert_eq!(ends, [&serials[0], &serials[699]]);
    assert_eq!(sample.len(), 20);
    let later = sample.iter().filter(|it| it.key.serial > serials[350]);
    assert!(later.count() > 5, "from all over the range");
    let again = revoke(&world.authority, of_profile("terminal-ecc")).unwrap();
    let before = again.choice.sample_revoked_before;
    let ends = [before.first(), before.last()].map(|it| &it.unwrap().key.serial);
    assert_eq!(ends, [&serials[0], &serials[699]]);
}

#[test]
fn checkpoint_covers_an_act_when_it_returns() {
    let world = world();
    let authority = &world.authority;
    populate(authority, 6_000, 0);
    let done = revoke(authority, of_profile("terminal-ecc")).unwrap();
    let index = done.index.unwrap();
    let Event::MassRevocation(act) = authority.entry(index).unwrap().event else {
        panic!("no act at {index}");
    };
    let end = index + 1 + u64::from(act.parts);
    let covered = authority.ledger().checkpoint_size();
    assert!(covered.is_some_and(|size| size >= end), "{covered:?}");
}
