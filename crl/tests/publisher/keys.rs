//! Keys that do not sign, or are not there.

use kasane_ca_core::Error;
use kasane_crl::{CrlKind, Sweep};

use crate::device::{OnDevice, hide_roots};
use crate::scene::publisher;

#[test]
fn root_out_of_reach_burns_no_number_and_keeps_no_other_list_waiting() {
    let OnDevice {
        authority, device, ..
    } = &OnDevice::start(|device| hide_roots(device, true));
    let publisher = publisher(authority);
    let Sweep {
        published, failed, ..
    } = publisher.publish_due(authority.now());
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
    hide_roots(device, false);
    let Sweep {
        published, failed, ..
    } = publisher.publish_due(authority.now());
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(published.len(), shards(true));
}

#[test]
fn failing_key_burns_a_number_and_the_series_rests() {
    let OnDevice {
        authority,
        device,
        clock,
        ..
    } = &OnDevice::start(|_| ());
    let publisher = publisher(authority);
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
