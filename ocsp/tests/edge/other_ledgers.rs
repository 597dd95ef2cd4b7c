//! Ledgers that are not the authority's present one: what was heard of before stands, unless a signature
//! proves it wrong.

use std::ops::ControlFlow;

use kasane_ca_core::follower::{Contact, Page, Step};
use kasane_ledger::{Batch, Ledger, NoProjection, Options};
use kasane_verify::ocsp::CertStatus;

use crate::common::{copy, world};
use crate::scene::{Edge, is_revoked, issue, revoke};

#[test]
fn what_was_held_stands_when_the_authority_was_put_back_also_after_a_restart() {
    let world = world();
    let before = tempfile::tempdir().unwrap();
    let issued = issue(&world);
    let crate::common::Stopped {
        clock,
        backend,
        path,
    } = world.stopped();
    copy(path.path(), before.path());
    let world = crate::common::start(path, clock, backend);
    let edge = Edge::ready(&world, "edge-1");
    revoke(&world, &issued.serial);
    edge.catch_up();
    assert!(edge.follower.report().unwrap().held_entries > 0);
    let older = crate::common::start(before, world.clock.clone(), world.backend.clone());
    edge.way.lead_to(&older.authority);
    assert_eq!(edge.step(), Step::Stopped);
    assert!(is_revoked(edge.status(&issued.serial)));
    let edge = edge.restart();
    assert!(is_revoked(edge.status(&issued.serial)));
    assert_eq!(edge.step(), Step::Stopped);
    assert!(is_revoked(edge.status(&issued.serial)));
}

#[test]
fn what_was_held_stands_whatever_is_wrong_with_what_comes_later() {
    type Change = fn(&mut Page);
    let altered: Change = |page| {
        let last = page.entries.last_mut().unwrap();
        let octet = last.len() - 1;
        last[octet] ^= 1;
    };
    let of_elsewhere: Change = |page| page.origin = "elsewhere.example/ledger".to_owned();
    let forged: Change = |page| {
        let note = page.checkpoint.as_mut().unwrap();
        let at = note.len() - 12;
        let other = if note.as_bytes()[at] == b'A' {
            "B"
        } else {
            "A"
        };
        note.replace_range(at..=at, other);
    };
    let world = world();
    for (name, change, code) in [
        ("edge-1", of_elsewhere, "follower.origin"),
        ("edge-2", forged, "follower.checkpoint-unsigned"),
        ("edge-3", altered, "follower.fork"),
    ] {
        let issued = issue(&world);
        let edge = Edge::ready(&world, name);
        revoke(&world, &issued.serial);
        edge.catch_up();
        assert!(edge.follower.report().unwrap().held_entries > 0);
        let _new = issue(&world);
        world.authority.checkpoint().unwrap();
        *edge.way.twist.lock() = Some(Box::new(move |mut page| {
            change(&mut page);
            page
        }));
        assert_eq!(edge.step(), Step::Stopped);
        let Contact::Stopped { code: stopped, .. } = edge.contact() else {
            panic!("{:?}", edge.contact());
        };
        assert_eq!(stopped, code);
        // Whoever answers in the authority's place proves nothing of what it said before.
        assert!(is_revoked(edge.status(&issued.serial)), "{code}");
        edge.cut_off();
        assert!(is_revoked(edge.restart().status(&issued.serial)), "{code}");
    }
}

#[test]
fn fork_drops_what_was_held_for_good_and_what_is_known_with_it() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    let checked = world.authority.now();
    let later = checked.plus_seconds(60);
    world.clock.set(later);
    edge.pass(60);
    // What the feed says before the checkpoint is not what is signed.
    *edge.way.twist.lock() = Some(Box::new(|mut page| {
        if let Some(last) = page.entries.last_mut() {
            // The time of the entry stays one.
            let octet = last.iter().rposition(|it| *it == 0x01);
            last[octet.unwrap()] = 0x02;
        }
        page
    }));
    revoke(&world, &issued.serial);
    edge.catch_up();
    assert_eq!(edge.follower.report().unwrap().as_of, Some(later));
    world.authority.checkpoint().unwrap();
    assert_eq!(edge.step(), Step::Stopped);
    let Contact::Stopped { code, .. } = edge.contact() else {
        panic!("{:?}", edge.contact());
    };
    assert_eq!(code, "follower.fork");
    let dropped = |edge: &Edge| {
        let report = edge.follower.report().unwrap();
        assert_eq!(report.held_entries, 0);
        assert_eq!(report.as_of, Some(checked));
        assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
    };
    dropped(&edge);
    assert!(edge.replica().join("held.refused").exists());
    edge.cut_off();
    dropped(&edge.restart());
}

#[test]
fn revocation_stands_at_an_edge_whose_projection_fails() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
    revoke(&world, &issued.serial);
    // As an authority of a newer release: signed, and nothing that this one understands.
    let path = tempfile::tempdir().unwrap();
    let newer = {
        let key = world.authority.ledger_key();
        let mut entries = Vec::new();
        let ledger = world.authority.ledger();
        let walked = ledger.entries(0, |_, entry| {
            entries.push(entry.to_vec());
            ControlFlow::Continue(())
        });
        walked.unwrap();
        entries.push(b"of a kind that is not known here".to_vec());
        Ledger::create(path.path(), ledger.origin(), Options::default()).unwrap();
        let opened = Ledger::open(path.path(), Options::default(), None).unwrap();
        let newer = opened
            .start(Box::new(NoProjection), 0, &mut |_, _| {})
            .unwrap();
        newer
            .append(Batch {
                entries,
                private: Vec::new(),
            })
            .unwrap();
        newer.checkpoint(key).unwrap();
        newer
    };
    *edge.way.twist.lock() = Some(Box::new(move |mut page| {
        page.size = newer.size();
        page.checkpoint = newer.latest_checkpoint();
        page.proof = Vec::new();
        page.entries.clear();
        newer
            .entries(page.from, |_, entry| {
                page.entries.push(entry.to_vec());
                ControlFlow::Continue(())
            })
            .unwrap();
        page
    }));
    assert_eq!(edge.step(), Step::Stopped);
    assert!(is_revoked(edge.status(&issued.serial)));
    assert!(is_revoked(edge.status(&issued.serial)), "nor is it kept");
}
