//! When which list is made.

use kasane_crl::CrlKind;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::revocation::{CrlIssuer, Freshness, RevocationReason, Status, check_crl};

use crate::common::world;
use crate::scene::{TERMINALS, due, forward, issue, kinds, lists, publisher, revoke};

#[test]
fn revocation_is_in_the_delta_first_and_then_in_the_full_crl() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    let issued = issue(&world);
    let shard = revoke(&world, &issued, Some(RevocationReason::KeyCompromise));
    let before = publisher.current(TERMINALS, shard, CrlKind::Full).unwrap();

    let sweep = publisher.revoked(TERMINALS, shard, world.authority.now());
    assert!(sweep.failed.is_empty());
    let published = sweep.published;
    assert_eq!(
        kinds(&published),
        [CrlKind::Delta, CrlKind::Full, CrlKind::Delta]
    );
    let [first, full, second] = published.as_slice() else {
        panic!("{published:?}")
    };
    assert_eq!(first.base_number, Some(before.number));
    assert!(before.number < first.number && first.number < full.number);
    // Issued together: one number, and whoever has the list before learns the same.
    assert_eq!(second.number, full.number);
    assert_eq!(second.base_number, Some(before.number));
    assert_eq!(second.this_update, full.this_update);
    assert!([first, full, second].iter().all(|crl| lists(crl, &issued)));
    assert!(due(&world, &publisher).is_empty());

    let issuer = world.authority.issuer(TERMINALS).unwrap();
    let key = world.authority.crypto().public_key(&issuer.spki).unwrap();
    let ca = Certificate::from_der(&issuer.certificate_der).unwrap();
    let certificate = Certificate::from_der(&issued.der).unwrap();
    let list = CertificateList::from_der(&full.der).unwrap();
    let by = CrlIssuer::from_certificate(&ca, &*key);
    let now = world.authority.now();
    let status = check_crl(&certificate, &by, &list, now, Freshness::Required).unwrap();
    let reason = Some(RevocationReason::KeyCompromise);
    assert_eq!(status, Status::Revoked { date: now, reason });
}

#[test]
fn revocations_in_a_row_share_a_crl_within_the_hour() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    // Both in one shard.
    let first = issue(&world);
    let issuer = world.authority.issuer(TERMINALS).unwrap();
    let second = std::iter::repeat_with(|| issue(&world))
        .find(|it| issuer.shard_of(&it.serial) == issuer.shard_of(&first.serial))
        .unwrap();
    let shard = revoke(&world, &first, None);
    assert_eq!(
        publisher
            .revoked(TERMINALS, shard, world.authority.now())
            .published
            .len(),
        3
    );
    revoke(&world, &second, None);
    assert!(
        publisher
            .revoked(TERMINALS, shard, world.authority.now())
            .published
            .is_empty()
    );
    assert!(due(&world, &publisher).is_empty());

    forward(&world, 10);
    let published = due(&world, &publisher);
    assert_eq!(kinds(&published), [CrlKind::Delta]);
    // Caches may still have the list that lacks both.
    assert!(lists(&published[0], &second) && lists(&published[0], &first));
    forward(&world, 900);
    let published = due(&world, &publisher);
    assert_eq!(kinds(&published), [CrlKind::Full, CrlKind::Delta]);
    assert!(lists(&published[0], &first) && lists(&published[0], &second));
    assert!(due(&world, &publisher).is_empty());
}

#[test]
fn lists_are_renewed_by_their_interval_and_end_with_their_issuer() {
    let world = world();
    let publisher = publisher(&world.authority);
    due(&world, &publisher);
    forward(&world, 24 * 3_600 - 1);
    assert!(due(&world, &publisher).is_empty());
    forward(&world, 1);
    let published = due(&world, &publisher);
    assert_eq!(published.len(), 2 * (1 + 3 * 16));
    assert!(published.iter().all(|crl| !crl.issuer.starts_with("root")));

    let end = world.authority.issuer("issuing-rsa").unwrap().not_after;
    world.clock.set(end.plus_seconds(-3_600));
    due(&world, &publisher);
    let last = publisher.current("issuing-rsa", 0, CrlKind::Full).unwrap();
    assert_eq!(last.next_update, end);
    world.clock.set(end.plus_days(2));
    assert!(
        due(&world, &publisher)
            .iter()
            .all(|crl| crl.issuer != "issuing-rsa")
    );
    assert_eq!(
        publisher.current("issuing-rsa", 0, CrlKind::Full).unwrap(),
        last
    );
}
