//! Publishing from a whole authority.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../ca-core/tests/common/mod.rs"]
mod common;

mod failing;

use std::sync::Arc;

use common::{Stopped, World, p384, requester, terminal_order, world};
use kasane_ca_core::authority::{Authority, RevocationOrder};
use kasane_ca_core::pipeline::Issued;
use kasane_ca_core::{Actor, Error};
use kasane_crl::{CrlKind, PublishedCrl, Publisher, Schedule, Sweep};
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::revocation::{CrlIssuer, Freshness, RevocationReason, Status, check_crl};

const TERMINALS: &str = "issuing-ecc-terminal";

fn publisher(authority: &Arc<Authority>) -> Publisher {
    Publisher::new(Arc::clone(authority), Schedule::default()).unwrap()
}

fn due(world: &World, publisher: &Publisher) -> Vec<Arc<PublishedCrl>> {
    let Sweep { published, failed } = publisher.publish_due(world.authority.now());
    assert!(failed.is_empty(), "{failed:?}");
    published
}

fn issue(world: &World) -> Issued {
    let order = terminal_order("terminal-ecc", 1, &p384());
    world.authority.issue(&requester(), order).unwrap()
}

fn revoke(world: &World, issued: &Issued, reason: Option<RevocationReason>) -> u32 {
    let order = RevocationOrder {
        issuer: &issued.issuer,
        serial: &issued.serial,
        reason,
        invalidity_date: None,
    };
    world.authority.revoke(&Actor::system(), &order).unwrap();
    world
        .authority
        .issuer(&issued.issuer)
        .unwrap()
        .shard_of(&issued.serial)
}

fn forward(world: &World, seconds: i64) {
    use kasane_ca_core::clock::Clock;
    world.clock.set(world.clock.now().plus_seconds(seconds));
}

fn kinds(published: &[Arc<PublishedCrl>]) -> Vec<CrlKind> {
    published.iter().map(|crl| crl.kind).collect()
}

fn lists(crl: &PublishedCrl, issued: &Issued) -> bool {
    let list = CertificateList::from_der(&crl.der).unwrap();
    list.find(&issued.serial).unwrap().is_some()
}

fn number(octets: Option<&[u8]>) -> Option<u64> {
    octets.map(|octets| {
        octets
            .iter()
            .fold(0, |number, octet| number << 8 | u64::from(*octet))
    })
}

#[test]
fn every_series_begins_with_an_empty_crl_and_rests_then() {
    let world = world();
    let publisher = publisher(&world.authority);
    let published = due(&world, &publisher);
    let issuers = world.authority.issuers();
    let shards: u32 = issuers.iter().map(|issuer| issuer.crl_shards).sum();
    let roots = u32::try_from(issuers.iter().filter(|issuer| issuer.is_root()).count()).unwrap();
    assert_eq!(roots, 2);
    assert_eq!(
        published.len(),
        usize::try_from(2 * shards - roots).unwrap()
    );
    assert!(due(&world, &publisher).is_empty());

    for crl in published {
        let issuer = world.authority.issuer(&crl.issuer).unwrap();
        let list = CertificateList::from_der(&crl.der).unwrap();
        let place = format!("{}/{} {:?}", crl.issuer, crl.shard, crl.kind);
        // RFC 5280 §5.2.1; the wrong identifier would be that of the CA above.
        let certificate = Certificate::from_der(&issuer.certificate_der).unwrap();
        let aki = list.authority_key_id().unwrap().key_id.unwrap();
        assert_eq!(
            Some(aki),
            certificate.extensions().subject_key_id,
            "{place}"
        );
        if !issuer.is_root() {
            let above = certificate
                .extensions()
                .authority_key_id
                .unwrap()
                .key_id
                .unwrap();
            assert_ne!(aki, above, "{place}");
        }
        let key = world.authority.crypto().public_key(&issuer.spki).unwrap();
        list.verify_signature(&*key).unwrap();
        assert_eq!(list.entries().count(), 0, "{place}");
        assert_eq!(number(list.number()), Some(crl.number), "{place}");
        assert_eq!(number(list.base_number()), crl.base_number, "{place}");
        assert_eq!(list.next_update(), Some(crl.next_update), "{place}");

        let urls = &world.authority.configuration().urls;
        let scope: Vec<_> = list
            .issuing_distribution_point()
            .iter()
            .flat_map(|idp| idp.uris())
            .collect();
        if !issuer.is_root() {
            assert_eq!(scope, [urls.crl(&crl.issuer, crl.shard)], "{place}");
        } else {
            // A root's CRL covers all, the root's own certificate included.
            assert_eq!(list.issuing_distribution_point(), None, "{place}");
        }
        let freshest: Vec<_> = list
            .freshest_crl()
            .iter()
            .flat_map(|it| it.uris())
            .collect();
        if crl.kind == CrlKind::Full && !issuer.is_root() {
            assert_eq!(
                freshest,
                [urls.delta_crl(&crl.issuer, crl.shard)],
                "{place}"
            );
        } else {
            assert!(freshest.is_empty(), "{place}");
        }
        assert!(crl.kind == CrlKind::Full || !issuer.is_root(), "{place}");
        let days = if issuer.is_root() { 190 } else { 4 };
        assert_eq!(crl.next_update, crl.this_update.plus_days(days), "{place}");
    }
}

#[test]
fn intermediate_crl_aki_is_issuer_ski() {
    let world = world();
    let publisher = publisher(&world.authority);
    let published = publisher.publish("issuing-rsa", 0).unwrap();
    let issuer = world.authority.issuer("issuing-rsa").unwrap();
    let root = world.authority.issuer("root-rsa").unwrap();
    assert_ne!(issuer.signer.ski, root.signer.ski);
    assert_eq!(kinds(&published), [CrlKind::Full, CrlKind::Delta]);
    for crl in published {
        let list = CertificateList::from_der(&crl.der).unwrap();
        let aki = list.authority_key_id().unwrap().key_id.unwrap();
        assert_eq!(aki, issuer.signer.ski);
    }
}

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

#[test]
fn lists_of_a_clock_that_was_ahead_are_replaced() {
    let world = world();
    let publisher = publisher(&world.authority);
    let start = world.authority.now();
    let first = due(&world, &publisher).len();
    forward(&world, 400 * 86_400);
    assert_eq!(due(&world, &publisher).len(), first);
    let wrong = publisher.current("issuing-rsa", 0, CrlKind::Full).unwrap();
    let delta = publisher.current("issuing-rsa", 0, CrlKind::Delta).unwrap();
    assert!(wrong.this_update > start.plus_days(399));

    world.clock.set(start);
    assert_eq!(due(&world, &publisher).len(), first);
    let full = publisher.current("issuing-rsa", 0, CrlKind::Full).unwrap();
    assert_eq!(full.this_update, start);
    assert!(full.number > wrong.number && full.number > delta.number);
    let root = publisher.current("root-ecc", 0, CrlKind::Full).unwrap();
    assert_eq!(root.this_update, start);
    assert!(due(&world, &publisher).is_empty());
    // A clock that is set right by a little makes no lists.
    world.clock.set(start.plus_seconds(-300));
    assert!(due(&world, &publisher).is_empty());
    world.clock.set(start.plus_seconds(-301));
    assert_eq!(due(&world, &publisher).len(), first);
}

#[test]
fn numbers_grow_across_restarts_and_the_lists_stay() {
    let world = world();
    let before = publisher(&world.authority);
    let published = before.publish(TERMINALS, 3).unwrap();
    drop(before);
    let world = world.restart();
    let after = publisher(&world.authority);
    for crl in &published {
        assert_eq!(after.current(TERMINALS, 3, crl.kind).as_ref(), Some(crl));
    }
    let next = after.publish(TERMINALS, 3).unwrap();
    assert!(next[0].number > published[1].number);
    assert_eq!(next[1].number, next[0].number);
    assert_eq!(next[1].base_number, Some(published[0].number));
}

#[test]
fn revocation_before_a_restart_is_published_after_it() {
    let world = world();
    due(&world, &publisher(&world.authority));
    let issued = issue(&world);
    let shard = revoke(&world, &issued, None);
    let world = world.restart();
    let publisher = publisher(&world.authority);
    let published = due(&world, &publisher);
    assert_eq!(
        kinds(&published),
        [CrlKind::Delta, CrlKind::Full, CrlKind::Delta]
    );
    assert!(published.iter().all(|crl| crl.shard == shard));
}

#[test]
fn root_out_of_reach_burns_no_number_and_keeps_no_other_list_waiting() {
    let Stopped {
        clock,
        backend,
        path,
    } = world().stopped();
    let device = Arc::new(failing::Device::new(backend));
    device
        .switch
        .hides_roots
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let folder = kasane_ca_core::folder::DataFolder::open(path.path()).unwrap();
    let mut parts = common::parts(&clock, &Arc::default());
    parts.backend = Arc::clone(&device) as Arc<dyn kasane_hsm::KeyBackend>;
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    let publisher = publisher(&authority);
    let Sweep { published, failed } = publisher.publish_due(authority.now());
    assert!(failed.is_empty(), "{failed:?}");
    let shards = |root: bool| -> usize {
        let issuers = authority.issuers();
        let those = issuers.iter().filter(|issuer| issuer.is_root() == root);
        those
            .map(|it| usize::try_from(it.crl_shards).unwrap())
            .sum()
    };
    assert_eq!(
        published.len(),
        2 * shards(false),
        "a full list and a delta each"
    );
    let size = authority.ledger().size();
    assert!(publisher.publish_due(authority.now()).published.is_empty());
    let refused = publisher.publish("root-rsa", 0).unwrap_err();
    assert_eq!(refused.code(), "key.not-found");
    assert_eq!(authority.ledger().size(), size, "nothing was recorded");
    assert_eq!(authority.crl_series("root-rsa", 0).unwrap().last_number, 0);

    // The ceremony's credential reaches them.
    device
        .switch
        .hides_roots
        .store(false, std::sync::atomic::Ordering::SeqCst);
    let Sweep { published, failed } = publisher.publish_due(authority.now());
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(published.len(), shards(true));
}

#[test]
fn failing_key_burns_a_number_and_the_series_rests() {
    let world = world();
    let Stopped {
        clock,
        backend,
        path,
    } = world.stopped();
    let device = Arc::new(failing::Device::new(backend));
    let folder = kasane_ca_core::folder::DataFolder::open(path.path()).unwrap();
    let mut parts = common::parts(&clock, &Arc::default());
    parts.backend = Arc::clone(&device) as Arc<dyn kasane_hsm::KeyBackend>;
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    let publisher = publisher(&authority);
    let first = publisher.publish("issuing-rsa", 0).unwrap();

    device.fail(true);
    let refused = publisher.publish("issuing-rsa", 0).unwrap_err();
    assert!(matches!(refused, Error::Signing(_)), "{refused}");
    let kept = publisher.current("issuing-rsa", 0, CrlKind::Full).unwrap();
    assert_eq!(kept, first[0]);
    let failed = publisher.publish_due(authority.now()).failed;
    let series: u32 = authority
        .issuers()
        .iter()
        .map(|issuer| issuer.crl_shards)
        .sum();
    // All but the one that was published.
    assert_eq!(failed.len(), usize::try_from(series - 1).unwrap());
    let tried = device.asked();
    assert!(publisher.publish_due(authority.now()).failed.is_empty());
    assert_eq!(
        device.asked(),
        tried,
        "a resting series asked for a signature"
    );

    // A series that began to rest while the clock was ahead does not rest until then.
    let start = authority.now();
    clock.set(start.plus_days(1_000));
    assert!(!publisher.publish_due(authority.now()).failed.is_empty());
    clock.set(start);
    assert!(!publisher.publish_due(start).failed.is_empty());

    device.fail(false);
    let later = authority.now().plus_seconds(120);
    clock.set(later);
    let sweep = publisher.publish_due(later);
    assert!(sweep.failed.is_empty(), "{:?}", sweep.failed);
    assert!(!sweep.published.is_empty());
    // One number was burnt at first, another while the clock was ahead.
    let burnt = authority.crl_series("issuing-rsa", 0).unwrap().last_number;
    assert!(burnt > first[1].number.saturating_add(1_000 * 80_000));
    let next = publisher.publish("issuing-rsa", 0).unwrap();
    assert!(next[0].number > burnt);
}

#[test]
fn unknown_issuers_and_shards_are_refused() {
    let world = world();
    let publisher = publisher(&world.authority);
    assert_eq!(
        publisher.publish("nobody", 0).unwrap_err().code(),
        "issuer.unknown"
    );
    assert!(publisher.publish(TERMINALS, 16).is_err());
    assert_eq!(publisher.current("nobody", 0, CrlKind::Full), None);
    assert_eq!(
        publisher
            .revoked("nobody", 0, world.authority.now())
            .failed
            .len(),
        1
    );
    assert_eq!(
        publisher
            .revoked(TERMINALS, 16, world.authority.now())
            .failed
            .len(),
        1
    );
    let roots = publisher.publish("root-ecc", 0).unwrap();
    assert_eq!(kinds(&roots), [CrlKind::Full]);
    let schedule = Schedule {
        issuing_interval_seconds: 0,
        ..Schedule::default()
    };
    let refused = Publisher::new(Arc::clone(&world.authority), schedule).unwrap_err();
    assert_eq!(refused.code(), "argument.bad");
}
