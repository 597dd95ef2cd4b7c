//! Those who are not enrolled: what they can hold, and what they cost.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use kasane_ca_core::follower::Feed;
use kasane_web::feed::FeedLimits;
use kasane_web::server::{ClientLimits, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::raw::{Raw, connect};
use crate::scene::{NEVER, PATIENCE, Scene, ask, eventually, limited, patient};

/// Beginning of a ClientHello.
const HALF_HELLO: &[u8] = &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];

const PAGE: &str = "GET /v1/entries?from=0&checkpoint=0&covered_only=false&wait_ms=0";

/// Silent connections, `each` from every one of those addresses; all stay open on this side.
fn silent(scene: &Scene, from: impl Iterator<Item = u8>, each: usize) -> Vec<TcpStream> {
    scene.runtime.block_on(async {
        let mut streams = Vec::new();
        for from in from {
            for _ in 0..each {
                streams.push(connect(scene.address, from).await.unwrap());
            }
        }
        streams
    })
}

#[test]
fn client_has_so_many_connections_before_any_handshake() {
    let usual = patient();
    let scene = Scene::with(FeedLimits {
        server: Limits {
            connections_per_client: 4,
            ..usual.server
        },
        handshakes: ClientLimits {
            burst: NonZeroU32::MAX,
            ..usual.handshakes
        },
        ..usual
    });
    let client = scene.enrolled("edge-1");
    let open = silent(&scene, [2].into_iter(), 2_000);
    eventually("the edge is served", || {
        client.page(&ask(0, Duration::ZERO)).is_ok()
    });
    // Another client has places of its own; this one has none left.
    assert!(Raw::connect(&scene, 2).is_err());
    assert!(Raw::connect(&scene, 3).is_ok());
    drop(open);
    eventually("places are free again", || Raw::connect(&scene, 2).is_ok());
}

#[test]
fn silent_connections_of_many_clients_keep_no_edge_out_and_cut_none_off() {
    let usual = patient();
    let scene = Scene::with(FeedLimits {
        server: Limits {
            connections: 32,
            connections_per_client: 2,
            strangers: Some(8),
            ..usual.server
        },
        ..usual
    });
    let authorization = format!("Bearer edge-1:{}", scene.token("edge-1").as_str());
    let mut known = Raw::connect(&scene, 1).unwrap();
    assert_eq!(known.ask(PAGE, &authorization, "").unwrap().status, 200);
    let open = silent(&scene, 2..=121, 2);
    // A newcomer gets its turn, and who was there goes on.
    let client = scene.enrolled("edge-2");
    eventually("the edge is served", || {
        client.page(&ask(0, Duration::ZERO)).is_ok()
    });
    assert_eq!(known.ask(PAGE, &authorization, "").unwrap().status, 200);
    drop(open);
}

#[test]
fn client_that_begins_connections_without_end_is_put_off_and_others_are_not() {
    let usual = limited();
    let scene = Scene::with(FeedLimits {
        handshakes: ClientLimits {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::MIN.saturating_add(2),
            ..usual.handshakes
        },
        ..usual
    });
    let begun = Instant::now();
    let shaken = (0..100).filter(|_| Raw::connect(&scene, 2).is_ok()).count();
    // One more comes up each second.
    let most = 3 + begun.elapsed().as_secs() + 1;
    assert!(shaken >= 1 && shaken as u64 <= most, "{shaken} of {most}");
    let client = scene.enrolled("edge-1");
    assert!(client.page(&ask(0, Duration::ZERO)).is_ok());
}

#[test]
fn handshake_has_a_deadline() {
    let usual = patient();
    let scene = Scene::with(FeedLimits {
        handshake: Duration::from_millis(300),
        ..usual
    });
    let address = scene.address;
    let ends = |first: &'static [u8], then: &'static [u8]| async move {
        let mut stream = connect(address, 2).await.unwrap();
        let _sent = stream.write_all(first).await;
        let (mut reading, mut writing) = stream.into_split();
        let dripping = tokio::spawn(async move {
            for octet in then.iter().cycle() {
                tokio::time::sleep(Duration::from_millis(20)).await;
                if writing.write_all(&[*octet]).await.is_err() {
                    break;
                }
            }
            // Held open: the end is for the other side to make.
            if then.is_empty() {
                std::future::pending::<()>().await;
            }
        });
        let mut rest = Vec::new();
        let ended = timeout(PATIENCE, reading.read_to_end(&mut rest)).await;
        dripping.abort();
        assert!(ended.is_ok(), "{first:?}");
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(ends(b"", b""));
    runtime.block_on(ends(HALF_HELLO, b""));
    runtime.block_on(ends(HALF_HELLO, b"\0"));
    runtime.block_on(ends(b"GET / HTTP/1.1\r\nHost: feed\r\n\r\n", b""));
}

#[test]
fn token_is_judged_before_a_body_is_read_and_the_connection_ends() {
    let usual = patient();
    let scene = Scene::with(FeedLimits {
        body: NEVER,
        order: NEVER,
        ..usual
    });
    let token = scene.token("edge-1");
    let token = token.as_str();
    for authorization in [
        "Bearer edge-1:00".to_owned(),
        format!("Bearer edge-2:{token}"),
        format!("Basic edge-1:{token}"),
        format!("Bearer {token}"),
        format!("Bearer edge-1:{token}{}", "0".repeat(1_000)),
        String::new(),
    ] {
        for what in ["POST /v1/signers", "POST /v1/signatures", "POST /nowhere"] {
            let mut raw = Raw::connect(&scene, 2).unwrap();
            // The body is never sent.
            let more = "Content-Length: 60000\r\nExpect: 100-continue\r\n";
            let answer = raw.ask(what, &authorization, more).unwrap();
            assert_eq!(answer.status, 401, "{what} {authorization}");
            assert_eq!(answer.code(), "feed.not-known");
            raw.wait_for_the_end();
        }
    }
}

#[test]
fn stranger_costs_no_signature_and_no_entry_and_learns_no_path() {
    let scene = Scene::with(limited());
    let token = scene.token("edge-1");
    let (asked, size) = (scene.device.asked(), scene.world.authority.ledger().size());
    for number in 0..20 {
        for what in [
            PAGE,
            "POST /v1/signers",
            "GET /",
            "PUT /v1/entries",
            "GET /healthz",
        ] {
            let mut raw = Raw::connect(&scene, 10 + number).unwrap();
            let name = format!("edge-{}", u64::from(number) + 2);
            let authorization = format!("Bearer {name}:{}", token.as_str());
            let answer = raw
                .ask(what, &authorization, "Content-Length: 0\r\n")
                .unwrap();
            assert_eq!(answer.status, 401, "{what}");
            assert!(answer.head.contains("connection: close"), "{}", answer.head);
        }
    }
    assert_eq!(scene.device.asked(), asked);
    assert_eq!(scene.world.authority.ledger().size(), size);
    // Nobody but edges is remembered.
    assert!((0..30).all(|number| scene.followers.seen(&format!("edge-{number}")).is_none()));
    // An edge is told more.
    let authorization = format!("Bearer edge-1:{}", token.as_str());
    for (what, status) in [("GET /", 404), ("PUT /v1/entries", 405)] {
        let mut raw = Raw::connect(&scene, 2).unwrap();
        let answer = raw
            .ask(what, &authorization, "Content-Length: 0\r\n")
            .unwrap();
        assert_eq!(answer.status, status, "{what}");
    }
}
