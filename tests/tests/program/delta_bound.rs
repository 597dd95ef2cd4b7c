//! How soon a delta CRL follows the one before, as the service itself does it.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use kasane_tests::edge::plain;
use kasane_tests::program::{Service, free_address};
use kasane_verify::crl::CertificateList;

use crate::World;
use crate::revocation::{NO_CANARY, settings};

const ISSUER: &str = "issuing-ecc-terminal";

/// 10 s are promised. A service that only looks every 30 s, which it first does as it starts, needs 28 s.
const TOLERATED: Duration = Duration::from_secs(22);

/// Serial numbers of two certificates in one of the 16 shards, and the shard.
fn two_of_one_shard(world: &World) -> ([String; 2], u8) {
    let mut by_shard = BTreeMap::new();
    for number in 0.. {
        let issued = world.issue(&world.csr(), &format!("delta-{number}"));
        let serial = issued["serial"].as_str().unwrap().to_owned();
        let shard = hex::decode(&serial).unwrap().pop().unwrap() % 16;
        if let Some(first) = by_shard.insert(shard, serial.clone()) {
            return ([first, serial], shard);
        }
    }
    unreachable!("there are 16 shards")
}

fn delta_lists(service: &Service, shard: u8, serial: &str) -> bool {
    let request = format!(
        "GET /crl/{ISSUER}/{shard}-delta.crl HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n"
    );
    let answer = plain(service.address().parse().unwrap(), request.as_bytes());
    let body = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
    let list = CertificateList::from_der(&answer[body..]).unwrap();
    assert!(list.base_number().is_some());
    list.find(&hex::decode(serial).unwrap()).unwrap().is_some()
}

#[test]
fn second_revocation_in_a_shard_is_in_the_served_delta_within_the_bound() {
    let world = World::new();
    settings(&world, &[], NO_CANARY);
    let ([first, second], shard) = two_of_one_shard(&world);
    let service = Service::start_at(&world, free_address());
    let revoke = |serial: &str| {
        let _ = world.json(["revoke", serial, "--reason", "superseded"]);
    };
    revoke(&first);
    assert!(delta_lists(&service, shard, &first), "at once");
    let since = Instant::now();
    sleep(Duration::from_secs(1));
    revoke(&second);
    while !delta_lists(&service, shard, &second) {
        assert!(
            since.elapsed() < TOLERATED,
            "not in the delta: {}",
            service.log()
        );
        sleep(Duration::from_millis(100));
    }
    eprintln!("in the delta {:?} after the one before", since.elapsed());
    assert!(service.stop().success());
}
