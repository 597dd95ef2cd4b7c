//! RFC 5280 §5.2.3 and §5.2.4: a delta, its base, and the complete list beside it.

use std::sync::Arc;

use kasane_crl::{CrlKind, PublishedCrl};
use kasane_verify::crl::CertificateList;
use kasane_verify::revocation::RevocationReason;

use crate::common::world;
use crate::scene::{
    TERMINALS, due, forward, issue_in_one_shard, publisher, revoke, serials, whole,
};

fn number(octets: Option<&[u8]>) -> u64 {
    let octets = octets.unwrap();
    octets
        .iter()
        .fold(0, |number, octet| number << 8 | u64::from(*octet))
}

/// Applying a delta to each complete list that it may be applied to gives what the newest complete
/// list of its number says, and scope and key are the same.
fn agree(lists: &[Arc<PublishedCrl>]) {
    let fulls = || lists.iter().filter(|crl| crl.kind == CrlKind::Full);
    for delta in lists.iter().filter(|crl| crl.kind == CrlKind::Delta) {
        let base_number = delta.base_number.unwrap();
        let base = fulls().find(|full| full.number == base_number);
        let base = base.unwrap();
        assert!(base.next_update > delta.this_update, "a base that is valid");
        let (parsed, parsed_base) = (
            CertificateList::from_der(&delta.der).unwrap(),
            CertificateList::from_der(&base.der).unwrap(),
        );
        assert_eq!(number(parsed.number()), delta.number);
        assert_eq!(number(parsed.base_number()), base_number);
        assert_eq!(parsed.issuer().der(), parsed_base.issuer().der());
        assert_eq!(
            parsed.issuing_distribution_point(),
            parsed_base.issuing_distribution_point()
        );
        assert_eq!(parsed.authority_key_id(), parsed_base.authority_key_id());
        let Some(beside) = fulls().find(|full| full.number == delta.number) else {
            continue;
        };
        assert_eq!(beside.this_update, delta.this_update);
        for earlier in fulls().filter(|it| (base_number..delta.number).contains(&it.number)) {
            let combined = &serials(earlier) | &serials(delta);
            assert_eq!(
                combined,
                serials(beside),
                "{} on {}",
                delta.number,
                earlier.number
            );
        }
    }
}

#[test]
fn delta_and_complete_list_issued_together_share_number_and_content() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let (shard, issued) = issue_in_one_shard(&world, 4);
    let held = |kind| publisher.current(TERMINALS, shard, kind).unwrap();
    let mut all = vec![held(CrlKind::Full), held(CrlKind::Delta)];
    for one in &issued {
        revoke(&world, one, None);
        all.extend(whole(publisher.revoked(
            TERMINALS,
            shard,
            world.authority.now(),
        )));
        forward(&world, 901);
        all.extend(due(&world, &publisher));
    }
    let shared = all.iter().filter(|delta| {
        let mut fulls = all.iter().filter(|it| it.kind == CrlKind::Full);
        delta.kind == CrlKind::Delta && fulls.any(|full| full.number == delta.number)
    });
    assert!(shared.count() >= 4);
    agree(&all);
    assert_eq!(serials(&held(CrlKind::Full)).len(), 4);
    // A day later, and a day after that, the base moves on.
    for _ in 0..2 {
        forward(&world, 86_400);
        all.extend(due(&world, &publisher));
        all.retain(|crl| crl.issuer == TERMINALS && crl.shard == shard);
        agree(&all);
    }
    let fulls: Vec<_> = all.iter().filter(|crl| crl.kind == CrlKind::Full).collect();
    let before = fulls.iter().rev().nth(1).unwrap();
    assert_eq!(held(CrlKind::Delta).base_number, Some(before.number));
}

#[test]
fn first_list_of_a_series_has_its_delta_after_it() {
    let world = world();
    let publisher = publisher(&world.authority);
    let published = publisher.publish("issuing-rsa", 0).unwrap();
    let [full, delta] = published.as_slice() else {
        panic!("{published:?}")
    };
    assert_eq!(delta.base_number, Some(full.number));
    assert!(delta.number > full.number);
}

#[test]
fn reason_that_grows_worse_is_news_for_the_delta() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let (shard, issued) = issue_in_one_shard(&world, 1);
    revoke(&world, &issued[0], Some(RevocationReason::Superseded));
    whole(publisher.revoked(TERMINALS, shard, world.authority.now()));
    // Until no cache has a list without the first revocation.
    for _ in 0..2 {
        forward(&world, 86_400);
        due(&world, &publisher);
    }
    let quiet = publisher.current(TERMINALS, shard, CrlKind::Delta).unwrap();
    assert!(serials(&quiet).is_empty());
    revoke(&world, &issued[0], Some(RevocationReason::KeyCompromise));
    let published = due(&world, &publisher);
    for crl in published.iter() {
        assert_eq!((crl.issuer.as_str(), crl.shard), (TERMINALS, shard));
        let list = CertificateList::from_der(&crl.der).unwrap();
        let entries: Vec<_> = list.entries().map(Result::unwrap).collect();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].reason, Some(RevocationReason::KeyCompromise));
    }
    assert_eq!(published.len(), 3);
}
