//! How long caches behind the shipped nginx may keep what it gives: no longer than the service said.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use kasane_tests::program::{Service, free_address};
use kasane_tests::tools::Tool;
use kasane_verify::ocsp::Nonce;

use crate::World;
use crate::edge::PATIENCE;
use crate::nginx::{Answer, Asking, path, send, start};
use crate::nginx_outage::{HOUR, start_with_clock, step_to};
use crate::revocation::issue;

const ISSUER: &str = "issuing-ecc-terminal";

fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, "GET", path, "", &[])
}

/// The answer in that way: kept, fetched, fetched anew.
fn got(address: SocketAddr, path: &str, cache: &str) -> Answer {
    let answer = get(address, path);
    assert!(answer.head.starts_with("HTTP/1.1 200"), "{}", answer.head);
    assert_eq!(answer.header("X-Cache-Status"), cache, "{}", answer.head);
    answer
}

/// Waits until the service says of the same another end than `first` does.
fn until_it_ends_later(itself: SocketAddr, path: &str, first: &Answer) {
    let end = Instant::now() + PATIENCE;
    while get(itself, path).header("Expires") == first.header("Expires") {
        assert!(Instant::now() < end, "{path}: {}", first.head);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_is_kept_is_good_no_longer_than_the_service_said() {
    if Tool::Nginx.or_skip("caches behind nginx").is_none() {
        return;
    }
    let world = World::new();
    let service = Service::start(&world);
    let address = free_address();
    let itself = service.address().parse().unwrap();
    let _nginx = start(&world, &service, address);
    let asking = Asking::of(address, ISSUER);
    let serial = hex::decode(issue(&world, "kept")).unwrap();
    let question = path(&asking.about(&serial, None));
    for (path, cache_control) in [
        (&*question, "public, no-transform, must-revalidate"),
        (
            "/crl/issuing-rsa/0.crl",
            "public, no-transform, stale-if-error=",
        ),
        ("/ca/root-ecc.cer", "public, no-transform, stale-if-error="),
    ] {
        let first = got(address, path, "MISS");
        until_it_ends_later(itself, path, &first);
        let kept = got(address, path, "HIT");
        let known = format!("If-None-Match: {}\r\n", first.header("ETag"));
        let unchanged = send(address, "GET", path, &known, &[]);
        assert!(unchanged.head.starts_with("HTTP/1.1 304"), "{path}");
        for answer in [&first, &kept, &unchanged] {
            let said = answer.header("Cache-Control");
            assert!(said.starts_with(cache_control), "{path}: {said}");
            assert!(!said.contains("max-age"), "{path}: {said}");
            for name in ["Date", "Expires"] {
                assert!(!answer.header(name).is_empty(), "{path}: {}", answer.head);
                assert_eq!(answer.header(name), first.header(name), "{path}");
            }
        }
    }
    // What never changes has no end to tell.
    let tile = "/ledger/tile/0/000";
    for cache in ["MISS", "HIT"] {
        let said = got(address, tile, cache);
        let said = said.header("Cache-Control");
        assert_eq!(said, "max-age=31536000, public, immutable, no-transform");
    }
    // And what nobody may keep is said as it was.
    let nonce = Nonce::new(&[5; 32]).unwrap();
    let nonce = path(&asking.about(&serial, Some(&nonce)));
    for path in [&*nonce, "/ledger/checkpoint", "/crl/nobody/0.crl"] {
        let answer = get(address, path);
        assert_eq!(answer.header("Cache-Control"), "no-store", "{path}");
    }
}

#[test]
fn what_is_fetched_anew_is_kept_with_its_new_end() {
    let needed = [Tool::Nginx, Tool::FakeTime];
    if needed
        .iter()
        .any(|it| it.or_skip("what nginx fetches anew").is_none())
    {
        return;
    }
    let world = World::new();
    let service = Service::start(&world);
    let address = free_address();
    let itself = service.address().parse().unwrap();
    let (_nginx, clock) = start_with_clock(&world, &service, address);
    let serial = hex::decode(issue(&world, "anew")).unwrap();
    let question = path(&Asking::of(address, ISSUER).about(&serial, None));
    for (path, later) in [(&*question, 400), ("/crl/issuing-rsa/0.crl", 3 * HOUR)] {
        let first = got(address, path, "MISS");
        until_it_ends_later(itself, path, &first);
        step_to(&clock, later);
        let anew = got(address, path, "EXPIRED");
        assert_ne!(anew.header("Expires"), first.header("Expires"), "{path}");
        let kept = got(address, path, "HIT");
        assert_eq!(kept.header("Expires"), anew.header("Expires"), "{path}");
    }
}
