//! Signers of an edge: made there, certified at the authority.

use kasane_ca_core::Actor;
use kasane_ca_core::authority::ResponderSignerOrder;
use kasane_ca_core::projection::responder;
use kasane_ca_core::status_source::StatusSource;
use kasane_verify::ocsp::CertStatus;

use crate::common::{p384, request, world};
use crate::scene::{Edge, TERMINALS, issue, with_basic};

#[test]
fn every_issuer_has_a_signer_of_its_own_algorithm_whose_key_never_left() {
    let world = world();
    let edge = Edge::ready(&world, "edge-1");
    let issuers = edge.follower.issuers();
    let subordinate: Vec<_> = issuers.iter().filter(|it| !it.is_root()).collect();
    let signers = edge.follower.report().unwrap().signers;
    assert_eq!(signers.len(), subordinate.len());
    for issuer in subordinate {
        let signers = edge.follower.ocsp_signers(issuer.name()).unwrap();
        let algorithm = issuer.signer.key_algorithm.default_signature();
        assert_eq!(signers[0].signature_algorithm, algorithm);
        // The authority does not take it for one of its own.
        let own = world.authority.ocsp_signers(issuer.name()).unwrap();
        assert!(own.iter().all(|it| it.serial != signers[0].serial));
    }
    assert!(edge.folder.keys().is_dir());
}

#[test]
fn signer_is_followed_by_another_without_a_gap() {
    let world = world();
    let issued = issue(&world);
    let edge = Edge::ready(&world, "edge-1");
    let certificate = |edge: &Edge| {
        with_basic(&edge.ask(&issued.serial), |basic| {
            basic.certificates[0].to_vec()
        })
    };
    let first = certificate(&edge);
    let forward = |days: i64| {
        let at = crate::common::now().plus_days(days);
        world.clock.set(at);
        edge.clock.set(at);
        edge.catch_up();
        edge.roll_over();
    };
    forward(29);
    assert_eq!(edge.follower.report().unwrap().signers.len(), 4);
    forward(30);
    assert_eq!(edge.follower.report().unwrap().signers.len(), 8);
    // The new one settles first: clocks of terminals run late.
    assert_eq!(certificate(&edge), first);
    forward(31);
    assert_ne!(certificate(&edge), first);
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
    forward(46);
    assert_eq!(edge.follower.report().unwrap().signers.len(), 4);
    assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
}

#[test]
fn what_was_signed_is_counted_in_the_ledger() {
    let world = world();
    let edge = Edge::ready(&world, "edge-1");
    for _ in 0..3 {
        let issued = issue(&world);
        world.authority.checkpoint().unwrap();
        edge.catch_up();
        assert_eq!(edge.status(&issued.serial), CertStatus::GOOD);
    }
    edge.follower.count_signatures().unwrap();
    edge.follower.count_signatures().unwrap();
    let row = responder::find(world.authority.tables(), "edge-1")
        .unwrap()
        .unwrap();
    assert_eq!(row.signatures, 3);
}

#[test]
fn count_of_an_edge_costs_one_entry_for_each_key_it_has_and_no_absurd_number_counts() {
    let world = world();
    let edge = Edge::ready(&world, "edge-1");
    let label = edge.follower.report().unwrap().signers[0].key_label.clone();
    let size = world.authority.ledger().size();
    let count = |counts: &[(&str, u64)]| {
        let counts: Vec<_> = counts
            .iter()
            .map(|(label, count)| ((*label).to_owned(), *count))
            .collect();
        world
            .authority
            .count_responder_signatures("edge-1", &counts)
    };
    for absurd in [
        vec![("ocsp-issuing-rsa-99", 5)],
        vec![(label.as_str(), 1), (label.as_str(), 1)],
        vec![(label.as_str(), 1); 4_000],
        vec![(label.as_str(), u64::MAX)],
        vec![(label.as_str(), (1 << 40) + 1)],
    ] {
        assert_eq!(count(&absurd).unwrap_err().code(), "argument.bad");
    }
    // What is refused leaves nothing behind, and nothing is no news.
    count(&[]).unwrap();
    count(&[(label.as_str(), 0)]).unwrap();
    assert_eq!(world.authority.ledger().size(), size);
    count(&[(label.as_str(), 1 << 40)]).unwrap();
    assert_eq!(world.authority.ledger().size(), size + 1);
    let row = responder::find(world.authority.tables(), "edge-1").unwrap();
    assert_eq!(row.unwrap().signatures, 1 << 40);
}

#[test]
fn orders_are_bounded_and_of_the_issuers_kind() {
    let world = world();
    world
        .authority
        .enrol_responder(&Actor::system(), "edge-1", "")
        .unwrap();
    let order = |issuer: &str, window_seconds| {
        let request = request(&p384());
        world
            .authority
            .issue_responder_signer(
                "edge-1",
                &ResponderSignerOrder {
                    issuer,
                    key_label: "ocsp-1",
                    window_seconds,
                    request: request.der(),
                },
            )
            .map_err(|error| error.code().to_owned())
    };
    let window = 48 * 3_600;
    assert_eq!(
        order("issuing-rsa", window).unwrap_err(),
        "key.not-of-profile"
    );
    assert_eq!(order("root-ecc", window).unwrap_err(), "argument.bad");
    assert_eq!(order(TERMINALS, 60).unwrap_err(), "argument.bad");
    for _ in 0..8 {
        order(TERMINALS, window).unwrap();
    }
    assert_eq!(order(TERMINALS, window).unwrap_err(), "argument.bad");
}
