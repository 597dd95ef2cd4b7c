//! What is answered for a CRL after the clock jumped.

use kasane_crl::CrlKind;
use kasane_verify::crl::CertificateList;

use crate::endpoints::server;
use crate::server::Server;

const FULL: &str = "/crl/issuing-rsa/0.crl";
const DELTA: &str = "/crl/issuing-rsa/0-delta.crl";

/// thisUpdate and nextUpdate of what is served, in seconds from now.
fn times(server: &Server, path: &str) -> (i64, i64) {
    let answer = server.get(path);
    assert_eq!(answer.status, 200, "{path}");
    let list = CertificateList::from_der(&answer.body).unwrap();
    let now = server.world.authority.now();
    let next = list.next_update().unwrap();
    (
        list.this_update().seconds_since(now),
        next.seconds_since(now),
    )
}

fn step(server: &Server, seconds: i64) {
    let now = server.world.authority.now();
    server.world.clock.set(now.plus_seconds(seconds));
}

#[test]
fn crl_of_the_future_is_never_handed_out() {
    let server = server();
    step(&server, 86_400);
    server.publisher.publish("issuing-rsa", 0).unwrap();
    server.publisher.publish("issuing-rsa", 0).unwrap();
    assert_eq!(times(&server, FULL).0, 0);
    // By a second or by hours: whoever asks first has another one made.
    for (path, back) in [(FULL, -1), (DELTA, -1), (DELTA, -7_200), (FULL, -7_200)] {
        step(&server, back);
        assert_eq!(times(&server, path).0, 0, "{path} {back}");
    }
    // Another step back and the same list is known to nobody any more.
    let etag = server.get(FULL).header("etag").to_owned();
    step(&server, -1);
    let answer = server.send("GET", FULL, &[("If-None-Match", &etag)], &[]);
    assert_eq!(answer.status, 200);
    let full = server.publisher.current("issuing-rsa", 0, CrlKind::Full);
    assert_eq!(answer.body, full.unwrap().der);
}

#[test]
fn crl_that_is_over_is_made_anew_for_who_asks_first() {
    let server = server();
    server.publisher.publish("issuing-rsa", 0).unwrap();
    server.publisher.publish("issuing-rsa", 0).unwrap();
    for path in [FULL, DELTA] {
        step(&server, 5 * 86_400);
        let (this_update, next_update) = times(&server, path);
        assert_eq!(this_update, 0, "{path}");
        assert!(next_update > 0, "{path}");
    }
    // After the end of its CA it stays as it was, and no cache keeps it.
    let end = server
        .world
        .authority
        .issuer("issuing-rsa")
        .unwrap()
        .not_after;
    server.world.clock.set(end.plus_days(5));
    assert!(times(&server, FULL).1 < 0);
    let answer = server.get(FULL);
    assert!(answer.header("cache-control").starts_with("max-age=0,"));
}

#[test]
fn crl_that_begins_later_and_cannot_be_made_anew_is_held_back() {
    let server = server();
    server.publisher.publish("issuing-rsa", 0).unwrap();
    // Before the CA began nothing of it is signed.
    for (back, retry) in [(-5, "5"), (-86_400, "60")] {
        step(&server, back);
        let answer = server.get(FULL);
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), retry);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("etag"), "");
        step(&server, -back);
        assert_eq!(times(&server, FULL).0, 0);
    }
}

#[test]
fn crl_of_the_future_is_made_once_however_many_ask() {
    let server = server();
    step(&server, 86_400);
    server.publisher.publish("issuing-rsa", 0).unwrap();
    step(&server, -60);
    let before = server.world.authority.ledger().size();
    let bodies: Vec<_> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..24).map(|_| scope.spawn(|| server.get(FULL))).collect();
        asking.into_iter().map(|it| it.join().unwrap()).collect()
    });
    for answer in &bodies {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, bodies[0].body);
    }
    // Record and outcome of the list, and of the delta that goes with it.
    let made = server.world.authority.ledger().size() - before;
    assert!(made <= 4, "{made} entries");
}
