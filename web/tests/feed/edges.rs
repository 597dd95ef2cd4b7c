//! Those who are enrolled: what one of them, or who holds its token, can hold.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use kasane_ca_core::Actor;
use kasane_ca_core::follower::{Ask, Feed, FeedError, SignerRequest};
use kasane_web::feed::{FeedClient, FeedLimits};
use kasane_web::server::{Allowance, ClientLimits, Limits, Trusted};

use crate::common::{p384, request};
use crate::raw::{Answer, Raw};
use crate::scene::{Scene, ask, eventually, patient};

fn order() -> SignerRequest {
    SignerRequest {
        issuer: "issuing-ecc-terminal".to_owned(),
        key_label: "ocsp-1".to_owned(),
        window_seconds: 172_800,
        request: request(&p384()).der().to_vec(),
    }
}

fn page(raw: &mut Raw, authorization: &str, query: &str) -> Answer {
    raw.ask(&format!("GET /v1/entries?{query}"), authorization, "")
        .unwrap()
}

fn code_of(refused: &FeedError) -> &str {
    match refused {
        FeedError::Refused { code, .. } => code,
        other => other.code(),
    }
}

#[test]
fn body_of_an_edge_has_a_deadline() {
    let usual = FeedLimits::default();
    let scene = Scene::with(FeedLimits {
        body: Duration::from_millis(300),
        ..usual
    });
    let authorization = format!("Bearer edge-1:{}", scene.token("edge-1").as_str());
    for what in ["POST /v1/signers", "POST /v1/signatures"] {
        let mut raw = Raw::connect(&scene, 1).unwrap();
        let answer = raw
            .ask(what, &authorization, "Content-Length: 1000\r\n")
            .unwrap();
        assert_eq!((answer.status, answer.code().as_str()), (503, "feed.late"));
        raw.wait_for_the_end();
        let mut raw = Raw::connect(&scene, 1).unwrap();
        let long = "Content-Length: 70000\r\n";
        let answer = raw.ask(what, &authorization, long).unwrap();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (422, "argument.bad")
        );
    }
}

#[test]
fn whole_request_has_a_deadline() {
    let usual = FeedLimits::default();
    let scene = Scene::with(FeedLimits {
        page: Duration::from_millis(300),
        order: Duration::from_millis(300),
        ..usual
    });
    let client = scene.enrolled("edge-1");
    let size = scene.world.authority.ledger().size();
    let late = client
        .page(&ask(size, Duration::from_secs(25)))
        .unwrap_err();
    assert_eq!(code_of(&late), "feed.late");
    scene.device.hold(true);
    let late = client.order_signer(&order()).unwrap_err();
    assert_eq!(code_of(&late), "feed.late");
    scene.device.hold(false);
}

#[test]
fn orders_that_wait_for_a_device_hold_up_no_page() {
    let scene = Scene::new();
    let clients: Vec<_> = (1..=6)
        .map(|number| scene.enrolled(&format!("edge-{number}")))
        .collect();
    scene.device.hold(true);
    std::thread::scope(|threads| {
        let order_of = |client| threads.spawn(move || FeedClient::order_signer(client, &order()));
        let mut orders = vec![order_of(&clients[0])];
        eventually("an order waits", || scene.device.waiting() == 1);
        orders.extend(clients[1..].iter().map(order_of));
        eventually("orders wait", || scene.device.waiting() == 2);
        // They hold each other up, and nothing else.
        for client in &clients {
            assert!(client.page(&ask(0, Duration::ZERO)).is_ok());
            assert!(client.count_signatures(&[]).is_ok());
        }
        // One edge has one order at a time.
        let again = clients[0].order_signer(&order()).unwrap_err();
        assert_eq!(code_of(&again), "feed.busy");
        assert_eq!(scene.device.waiting(), 2);
        scene.device.hold(false);
        for order in orders {
            order.join().unwrap().unwrap();
        }
    });
}

#[test]
fn edge_has_so_many_requests_at_a_time_and_other_edges_have_theirs() {
    let scene = Scene::new();
    let authorization = format!("Bearer edge-1:{}", scene.token("edge-1").as_str());
    let size = scene.world.authority.ledger().size();
    let waiting = format!("from={size}&checkpoint=99999&covered_only=true&wait_ms=30000");
    let open = |_| {
        let mut raw = Raw::connect(&scene, 1).unwrap();
        let head = format!(
            "GET /v1/entries?{waiting} HTTP/1.1\r\nHost: f\r\nAuthorization: {authorization}\r\n\r\n"
        );
        raw.send(head.as_bytes()).unwrap();
        raw
    };
    let held: Vec<_> = (0..4).map(open).collect();
    let mut last = None;
    eventually("a fifth is refused", || {
        let mut raw = Raw::connect(&scene, 1).unwrap();
        let answer = page(
            &mut raw,
            &authorization,
            "from=0&checkpoint=0&covered_only=false&wait_ms=0",
        );
        let is_refused = answer.status == 429;
        last = Some(answer);
        is_refused
    });
    assert_eq!(last.unwrap().code(), "feed.busy");
    let other = scene.enrolled("edge-2");
    assert!(other.page(&ask(0, Duration::ZERO)).is_ok());
    // Whoever goes away gives its place back.
    drop(held);
    eventually("there are places again", || {
        let mut raw = Raw::connect(&scene, 1).unwrap();
        let query = "from=0&checkpoint=0&covered_only=false&wait_ms=0";
        page(&mut raw, &authorization, query).status == 200
    });
}

#[test]
fn token_of_one_edge_does_not_fill_the_feed_from_however_many_addresses() {
    let usual = patient();
    let scene = Scene::with(FeedLimits {
        server: Limits {
            connections: 16,
            strangers: Some(4),
            ..usual.server
        },
        ..usual
    });
    let authorization = format!("Bearer edge-1:{}", scene.token("edge-1").as_str());
    let query = "from=0&checkpoint=0&covered_only=false&wait_ms=0";
    let open: Vec<_> = (2..42)
        .map(|from| {
            let mut raw = Raw::connect(&scene, from).unwrap();
            assert_eq!(page(&mut raw, &authorization, query).status, 200);
            raw
        })
        .collect();
    let other = format!("Bearer edge-2:{}", scene.token("edge-2").as_str());
    let mut raw = Raw::connect(&scene, 1).unwrap();
    assert_eq!(page(&mut raw, &other, query).status, 200);
    for from in 42..52 {
        let mut more = Raw::connect(&scene, from).unwrap();
        assert_eq!(page(&mut more, &authorization, query).status, 200);
    }
    assert_eq!(page(&mut raw, &other, query).status, 200);
    // Its own four go on as well, and make room when they end.
    let mut open = open;
    assert_eq!(page(&mut open[0], &authorization, query).status, 200);
    drop(open);
    eventually("its next four are safe again", || {
        let mut four: Vec<_> = (2..6)
            .map(|from| Raw::connect(&scene, from).unwrap())
            .collect();
        let is_safe = |raw: &mut Raw| {
            let what = format!("GET /v1/entries?{query}");
            raw.ask(&what, &authorization, "").is_ok()
        };
        assert!(four.iter_mut().all(is_safe));
        let _strangers: Vec<_> = (60..70).map(|from| Raw::connect(&scene, from)).collect();
        four.iter_mut().all(is_safe)
    });
}

#[test]
fn trusted_addresses_may_have_many_connections_at_the_feed() {
    let usual = patient();
    let limits = FeedLimits {
        server: Limits {
            connections_per_client: 2,
            ..usual.server
        },
        handshakes: ClientLimits {
            burst: NonZeroU32::MAX,
            ..usual.handshakes
        },
        ..usual
    };
    let group = (vec!["127.0.0.7/32".parse().unwrap()], Allowance::default());
    let scene = Scene::trusting(limits, Trusted::new([group]));
    let connected = |from| (0..20).map(|_| Raw::connect(&scene, from)).collect();
    let trusted: Vec<_> = connected(7);
    assert!(trusted.iter().all(Result::is_ok));
    let anybody: Vec<_> = connected(8);
    assert!(anybody.iter().filter(|it| it.is_ok()).count() <= 2);
}

#[test]
fn edge_tells_signatures_so_often_and_no_more() {
    let scene = Scene::new();
    let client = scene.enrolled("edge-1");
    let one = [("no-key-of-it".to_owned(), 1)];
    let is_busy = || {
        let told = client.count_signatures(&one);
        told.is_err_and(|error| code_of(&error) == "feed.busy")
    };
    let told: Vec<_> = (0..12).map(|_| is_busy()).collect();
    assert_eq!(told, [[false; 8].as_slice(), &[true; 4]].concat());
    // Who tells nothing only asks whether it is known still.
    assert!((0..20).all(|_| client.count_signatures(&[]).is_ok()));
    assert!(scene.enrolled("edge-2").count_signatures(&[]).is_ok());
}

#[test]
fn connection_of_a_removed_edge_ends_with_its_next_request() {
    let scene = Scene::new();
    let first = format!("Bearer edge-1:{}", scene.token("edge-1").as_str());
    let query = "from=0&checkpoint=0&covered_only=false&wait_ms=0";
    let mut raw = Raw::connect(&scene, 1).unwrap();
    assert_eq!(page(&mut raw, &first, query).status, 200);
    // Enrolled anew: the token from before is nobody's.
    let second = format!("Bearer edge-1:{}", scene.token("edge-1").as_str());
    assert_eq!(page(&mut raw, &first, query).status, 401);
    raw.wait_for_the_end();
    let mut raw = Raw::connect(&scene, 1).unwrap();
    assert_eq!(page(&mut raw, &second, query).status, 200);
    remove(&scene);
    let answer = page(&mut raw, &second, query);
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (403, "feed.removed")
    );
    raw.wait_for_the_end();
}

#[test]
fn edge_that_is_removed_while_it_waits_is_given_nothing() {
    let scene = Scene::new();
    let client = scene.enrolled("edge-1");
    let size = scene.world.authority.ledger().size();
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| client.page(&ask(size, Duration::from_secs(25))));
        eventually("it waits", || scene.followers.seen("edge-1").is_some());
        remove(&scene);
        assert_eq!(waiting.join().unwrap().unwrap_err(), FeedError::Removed);
    });
}

#[test]
fn absurd_positions_are_refused_at_once_and_noted_nowhere() {
    let scene = Scene::new();
    let authorization = format!("Bearer edge-1:{}", scene.token("edge-1").as_str());
    let size = scene.world.authority.ledger().size();
    let begun = Instant::now();
    for (query, status, code) in [
        (
            format!(
                "from={}&checkpoint=0&covered_only=true&wait_ms=30000",
                size + 1
            ),
            409,
            "ledger.no-such-entry",
        ),
        (
            format!(
                "from={0}&checkpoint={0}&covered_only=true&wait_ms={0}",
                u64::MAX
            ),
            409,
            "ledger.no-such-entry",
        ),
        (
            "from=-1&checkpoint=0&covered_only=true&wait_ms=0".to_owned(),
            422,
            "argument.bad",
        ),
        (
            "from=99999999999999999999&checkpoint=0&covered_only=true&wait_ms=0".to_owned(),
            422,
            "argument.bad",
        ),
        (
            "from=0&from=1&checkpoint=0&covered_only=true&wait_ms=0".to_owned(),
            422,
            "argument.bad",
        ),
        (
            "from=0&checkpoint=0&covered_only=true&wait_ms=0&more=1".to_owned(),
            422,
            "argument.bad",
        ),
        (String::new(), 422, "argument.bad"),
    ] {
        let mut raw = Raw::connect(&scene, 1).unwrap();
        let answer = page(&mut raw, &authorization, &query);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{query}"
        );
    }
    assert!(begun.elapsed() < Duration::from_secs(25));
    assert!(scene.followers.seen("edge-1").is_none());
    let client = scene.enrolled("edge-2");
    let far = Ask {
        from: size,
        checkpoint: u64::MAX,
        covered_only: true,
        wait: Duration::from_secs(25),
    };
    let size = scene.world.authority.ledger().size();
    let behind = client
        .page(&Ask {
            from: size + 1,
            ..far
        })
        .unwrap_err();
    assert_eq!(behind, FeedError::Behind { size });
}

#[test]
fn feed_keeps_to_its_limits_also_where_few_connections_are_left() {
    let usual = FeedLimits::default();
    let scene = Scene::with(FeedLimits {
        server: Limits {
            connections: 2,
            strangers: Some(1),
            ..usual.server
        },
        ..usual
    });
    let client = scene.enrolled("edge-1");
    for _ in 0..3 {
        assert!(client.page(&ask(0, Duration::ZERO)).is_ok());
        assert!(client.count_signatures(&[]).is_ok());
    }
}

fn remove(scene: &Scene) {
    scene
        .world
        .authority
        .remove_responder(&Actor::system(), "edge-1", "test")
        .unwrap();
}
