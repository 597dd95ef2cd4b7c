//! The feed over TLS: a real listener, a real client, a whole authority.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;
mod device;
mod edges;
mod raw;
mod scene;
mod strangers;

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kasane_ca_core::Actor;
use kasane_ca_core::follower::{Feed, FeedError, SignerRequest};

use scene::{Scene, ask};

#[test]
fn follower_is_given_the_ledger_and_waits_for_what_is_new() {
    let scene = Scene::new();
    let client = scene.enrolled("edge-1");
    let size = scene.world.authority.ledger().size();
    let mut entries = Vec::new();
    while (entries.len() as u64) < size {
        let page = client
            .page(&ask(entries.len() as u64, Duration::ZERO))
            .unwrap();
        entries.extend(page.entries);
    }
    assert_eq!(entries[5], scene.world.authority.ledger().entry(5).unwrap());
    assert!(scene.followers.seen("edge-1").unwrap().entries < size);
    // Nothing is new: the answer comes when something is, long before the wait is over.
    let authority = Arc::clone(&scene.world.authority);
    let noting = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        authority.note_service("started", "test").unwrap();
    });
    let begun = Instant::now();
    let page = client.page(&ask(size, Duration::from_secs(25))).unwrap();
    assert_eq!(page.entries.len(), 1);
    assert!(begun.elapsed() < Duration::from_secs(20));
    noting.join().unwrap();
    let behind = client.page(&ask(size + 100, Duration::ZERO)).unwrap_err();
    assert_eq!(behind, FeedError::Behind { size: size + 1 });
}

#[test]
fn nothing_is_given_without_the_right_token() {
    let scene = Scene::new();
    let other = scene
        .world
        .authority
        .enrol_responder(&Actor::system(), "edge-2", "")
        .unwrap();
    scene.enrolled("edge-1");
    let pin = *scene.key.spki_sha256();
    let order = SignerRequest {
        issuer: "issuing-ecc-terminal".to_owned(),
        key_label: "ocsp-1".to_owned(),
        window_seconds: 172_800,
        request: Vec::new(),
    };
    for (name, token) in [
        ("edge-1", ""),
        ("edge-1", other.as_str()),
        ("nobody", other.as_str()),
        ("", ""),
    ] {
        let client = scene.client(name, token, &pin);
        let counts = [("ocsp-1".to_owned(), 1)];
        for refused in [
            client.page(&ask(0, Duration::ZERO)).map(drop),
            client.order_signer(&order).map(drop),
            client.count_signatures(&counts),
        ] {
            assert_eq!(refused.unwrap_err(), FeedError::NotKnown, "{name:?}");
        }
    }
}

#[test]
fn token_is_not_sent_to_the_holder_of_another_key() {
    let scene = Scene::new();
    let client = scene.client("edge-1", "secret", &[7; 32]);
    let refused = client.page(&ask(0, Duration::ZERO)).unwrap_err();
    assert_eq!(refused, FeedError::WrongPeer);
}

#[test]
fn removed_responder_is_told_so() {
    let scene = Scene::new();
    let client = scene.enrolled("edge-1");
    scene
        .world
        .authority
        .remove_responder(&Actor::system(), "edge-1", "test")
        .unwrap();
    let refused = client.page(&ask(0, Duration::ZERO)).unwrap_err();
    assert_eq!(refused, FeedError::Removed);
}

#[test]
fn garbage_and_silence_in_the_feeds_place_end_as_errors() {
    let scene = Scene::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answering = std::thread::spawn(move || {
        // First nonsense, then nothing until the client gives up.
        let (mut first, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut first, b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let (mut second, _) = listener.accept().unwrap();
        let mut rest = Vec::new();
        let _ = second.read_to_end(&mut rest);
    });
    let client = scene.client_of(address, "edge-1", "secret", scene.key.spki_sha256());
    for _ in 0..2 {
        let failed = client.page(&ask(0, Duration::ZERO)).unwrap_err();
        assert_eq!(failed.code(), "feed.unreachable", "{failed}");
    }
    answering.join().unwrap();
}

#[test]
fn refused_order_names_the_reason() {
    let scene = Scene::new();
    let client = scene.enrolled("edge-1");
    let order = SignerRequest {
        issuer: "issuing-ecc-terminal".to_owned(),
        key_label: "ocsp-1".to_owned(),
        window_seconds: 172_800,
        request: vec![0x30, 0],
    };
    match client.order_signer(&order).unwrap_err() {
        FeedError::Refused { code, .. } => assert!(code.starts_with("csr."), "{code}"),
        other => panic!("{other}"),
    }
}

#[test]
fn stop_of_the_service_ends_the_waiting() {
    let scene = Scene::new();
    let client = scene.enrolled("edge-1");
    let size = scene.world.authority.ledger().size();
    let begun = Instant::now();
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| client.page(&ask(size, Duration::from_secs(25))));
        while scene.followers.seen("edge-1").is_none() {
            std::thread::sleep(Duration::from_millis(10));
        }
        scene.stop.send(true).unwrap();
        let page = waiting.join().unwrap().unwrap();
        assert!(page.entries.is_empty());
    });
    assert!(begun.elapsed() < Duration::from_secs(20));
}
