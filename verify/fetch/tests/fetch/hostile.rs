//! Servers that mean harm.

use std::time::{Duration, Instant};

use kasane_verify_fetch::{FetchConfig, Hosts};

use crate::support::pki::{List, Places};
use crate::support::server::Reply;
use crate::support::{World, code};

/// What comes of one CRL, and how long it takes.
async fn attempt(
    change: impl FnOnce(&mut FetchConfig),
    reply: impl FnOnce(&World) -> Reply,
) -> (World, &'static str, Duration) {
    let world = World::with(change).await;
    world.server.answer("/a.crl", reply(&world));
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    let begun = Instant::now();
    let code = code(world.verify(&leaf).await);
    (world, code, begun.elapsed())
}

fn small(config: &mut FetchConfig) {
    config.crl_bytes = 64 * 1024;
    config.memory_bytes = 1 << 20;
    config.crl_timeout = Duration::from_millis(700);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_body_ends_with_the_time() {
    for reply in [
        |world: &World| Reply::Drip(world.pki.crl(&List::new(1))),
        |_: &World| Reply::Hang,
        |_: &World| Reply::Raw(b"HTTP/1.1 200 OK\r\nx: ".to_vec()).later(5_000),
    ] {
        let (world, code, took) = attempt(small, reply).await;
        assert_eq!(code, "path.status_unavailable");
        assert_eq!(world.errors(), [("fetch.timeout", 1)]);
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert_eq!(world.fetcher.metrics().reading_bytes, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verification_ends_before_the_fetch_and_gains_from_it_later() {
    let world = World::with(|config| {
        config.verification_timeout = Duration::from_millis(300);
    })
    .await;
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/a.crl", Reply::ok(&crl).later(900));
    let leaf = world.pki.leaf(7, &Places::crl(world.server.uri("/a.crl")));
    let error = world.verify(&leaf).await.unwrap_err();
    assert!(
        error.to_string().contains("no evidence within 300ms"),
        "{error}"
    );
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(code(world.verify(&leaf).await), "verified");
    assert_eq!(world.server.seen("/a.crl").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_or_announced_excess_is_cut_off() {
    let announced = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n0".to_vec();
    let beyond = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n0".to_vec();
    for (reply, code_of_error) in [
        (Reply::Endless, "fetch.too_large"),
        (Reply::Raw(announced), "fetch.too_large"),
        (Reply::Raw(beyond), "fetch.http"),
    ] {
        let slow = |config: &mut FetchConfig| {
            small(config);
            config.crl_timeout = Duration::from_secs(20);
        };
        let (world, code, _) = attempt(slow, |_| reply).await;
        assert_eq!(code, "path.status_unavailable");
        assert_eq!(world.errors(), [(code_of_error, 1)]);
        let metrics = world.fetcher.metrics();
        assert_eq!(metrics.reading_bytes, 0);
        assert!(metrics.peak_bytes < 200 * 1024, "{metrics:?}");
    }
}

#[tokio::test]
async fn garbage_is_named_for_what_it_is() {
    let heads = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(1_000));
    let html = Reply::ok(b"<html>").header("content-type", "text/html; charset=utf-8");
    let zipped = Reply::ok(b"\x1f\x8b").header("content-encoding", "gzip");
    for (reply, expected) in [
        (Reply::ok(b""), "crl.malformed"),
        (Reply::ok(&[0x30; 5_000]), "crl.malformed"),
        (Reply::status(404), "fetch.status"),
        (Reply::status(204), "fetch.status"),
        (Reply::status(304), "fetch.status"),
        (html, "fetch.content_type"),
        (zipped, "fetch.content_coding"),
        (Reply::Raw(b"\0\0\0\0".to_vec()), "fetch.http"),
        (Reply::Raw(Vec::new()), "fetch.http"),
        (Reply::Raw(heads.into_bytes()), "fetch.http"),
        (
            Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nshort".to_vec()),
            "fetch.http",
        ),
    ] {
        let (world, code, _) = attempt(|_| {}, |_| reply.clone()).await;
        assert_eq!(code, "path.status_unavailable", "{reply:?}");
        assert_eq!(world.errors(), [(expected, 1)], "{reply:?}");
    }
}

#[tokio::test]
async fn odd_content_types_do_not_matter() {
    for content_type in ["application/x-pkcs7-crl", "text/plain", "nonsense", ""] {
        let (_, code, _) = attempt(
            |_| {},
            |world| {
                let crl = world.pki.crl(&List::new(1));
                Reply::ok(&crl).header("content-type", content_type)
            },
        )
        .await;
        assert_eq!(code, "verified", "{content_type}");
    }
}

#[tokio::test]
async fn two_redirects_are_followed_and_not_three() {
    let world = World::new().await;
    let crl = world.pki.crl(&List::new(1));
    let server = &world.server;
    server.answer("/four.crl", Reply::ok(&crl));
    server.answer("/three.crl", Reply::redirect("/four.crl"));
    server.answer("/two.crl", Reply::redirect(&server.uri("/three.crl")));
    server.answer("/one.crl", Reply::redirect("/two.crl"));
    server.answer("/loop.crl", Reply::redirect("/loop.crl"));
    server.answer("/tls.crl", Reply::redirect("https://127.0.0.1/a.crl"));
    server.answer("/inside.crl", Reply::redirect("http://127.0.0.1:22/"));
    server.answer("/nowhere.crl", Reply::status(302));
    for (path, expected) in [
        ("/two.crl", None),
        ("/one.crl", Some("fetch.redirect")),
        ("/loop.crl", Some("fetch.redirect")),
        ("/tls.crl", Some("fetch.address.scheme")),
        ("/inside.crl", Some("fetch.address.port")),
        ("/nowhere.crl", Some("fetch.redirect")),
    ] {
        let failed = world.fetcher.prefetch([server.uri(path)]).await;
        let failed = failed.first().map(|(_, error)| error.code());
        // The first look says why, a second one only that it failed before.
        assert_eq!(failed, expected, "{path}");
    }
    assert_eq!(server.seen("/loop.crl").len(), 3);
}

#[tokio::test]
async fn nothing_on_this_machine_is_asked_by_default() {
    let world = World::with(|config| config.hosts = Hosts::Network).await;
    let port = world.server.port();
    let crl = world.pki.crl(&List::new(1));
    world.server.answer("/a.crl", Reply::ok(&crl));
    for (host, expected) in [
        ("127.0.0.1", "fetch.address.host"),
        ("[::1]", "fetch.address.host"),
        ("localhost", "fetch.forbidden"),
        // Resolvers read these as 127.0.0.1; some do not know them.
        ("127.1", "fetch.forbidden"),
        ("2130706433", "fetch.forbidden"),
    ] {
        let uri = format!("http://{host}:{port}/a.crl");
        let failed = world.fetcher.prefetch([&uri]).await;
        let code = failed.first().unwrap().1.code();
        let is_unknown = code == "fetch.resolve" && host != "localhost";
        assert!(code == expected || is_unknown, "{host}: {code}");
    }
    assert_eq!(world.server.seen("/").len(), 0);
    let listed = |config: &mut FetchConfig| {
        config.hosts = Hosts::Within(vec!["127.0.0.1".to_owned()]);
    };
    let (_, code, _) = attempt(listed, |world| Reply::ok(&world.pki.crl(&List::new(1)))).await;
    assert_eq!(code, "verified");
}
