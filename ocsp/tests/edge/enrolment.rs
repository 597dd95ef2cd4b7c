//! Who may follow.

use kasane_ca_core::Actor;
use kasane_ca_core::authority::Status;
use kasane_ca_core::follower::{Contact, Step};
use kasane_ocsp::OcspResponseStatus;
use kasane_verify::ocsp::CertStatus;

use crate::common::world;
use crate::scene::{Edge, issue};

#[test]
fn token_of_another_is_worth_nothing_and_a_new_one_ends_the_old() {
    let world = world();
    let edge = Edge::ready(&world, "edge-1");
    let system = Actor::system();
    let other = world
        .authority
        .enrol_responder(&system, "edge-2", "")
        .unwrap();
    edge.way.use_token(&other);
    assert_eq!(edge.step(), Step::Failed);
    assert!(format!("{:?}", edge.contact()).contains("feed.not-known"));
    let again = world
        .authority
        .enrol_responder(&system, "edge-1", "")
        .unwrap();
    edge.way.use_token(&again);
    edge.catch_up();
    assert_eq!(edge.contact(), Contact::Current);
}

#[test]
fn removed_edge_answers_no_more_and_its_signers_are_revoked() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
    let signers = edge.follower.report().unwrap().signers;
    let revoked = world
        .authority
        .remove_responder(&Actor::system(), "edge-1", "it was stolen")
        .unwrap();
    assert_eq!(revoked.len(), signers.len());
    for signer in &signers {
        let status = world.authority.status(&signer.issuer, &signer.serial);
        assert!(matches!(status.unwrap(), Status::Revoked { .. }));
    }
    assert_eq!(edge.step(), Step::Stopped);
    assert_eq!(edge.contact(), Contact::Removed);
    let silent = |edge: &Edge| edge.ask(&issued.serial).status == OcspResponseStatus::TryLater;
    assert!(silent(&edge));
    edge.cut_off();
    assert!(silent(&edge.restart()));
    let again = world
        .authority
        .remove_responder(&Actor::system(), "edge-1", "again")
        .unwrap_err();
    assert_eq!(again.code(), "responder.unknown");
}

#[test]
fn ledger_says_who_was_enrolled_and_nothing_that_is_secret() {
    let world = world();
    let url = "http://ocsp-1.kasane.example/ocsp";
    let token = world
        .authority
        .enrol_responder(&Actor::system(), "edge-1", url)
        .unwrap();
    let rows = world.authority.responders().unwrap();
    assert_eq!(
        (rows[0].name.as_str(), rows[0].url.as_str()),
        ("edge-1", url)
    );
    let mut found = false;
    world
        .authority
        .ledger()
        .entries(0, |_, entry| {
            found |= entry.windows(token.len()).any(|it| it == token.as_bytes());
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert!(!found);
    for bad in ["https://x/", "ftp://x", "http://", "http://a b"] {
        let refused = world
            .authority
            .enrol_responder(&Actor::system(), "edge-2", bad)
            .unwrap_err();
        assert_eq!(refused.code(), "argument.bad", "{bad}");
    }
}
