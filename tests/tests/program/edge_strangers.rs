//! Strangers at the feed and at an edge's doors, as processes of their own.

use std::io::Write;
use std::net::TcpStream;

use kasane_tests::edge::{EdgeService, plain};
use serde_json::Value;

use crate::edge::{Network, PATIENCE, eventually};

/// More than the feed takes at a time.
const SILENT: usize = 2_000;

/// Beginning of a ClientHello.
const HALF_HELLO: &[u8] = &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];

fn contact(edge: &kasane_tests::program::Kasane) -> Value {
    let output = edge
        .command(["responder", "status"])
        .arg("--json")
        .output()
        .unwrap();
    serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default()
}

#[test]
fn silent_connections_to_the_feed_keep_no_edge_out() {
    let network = Network::new();
    let service = network.service();
    let folder = network.edge("edge-1");
    let edge = EdgeService::start(&folder);
    edge.wait_until_it_answers(&folder, PATIENCE);
    let silent: Vec<_> = (0..SILENT)
        .map(|number| {
            let mut stream = TcpStream::connect(network.feed).unwrap();
            if number % 2 == 0 {
                // It may be cut off already.
                let _sent = stream.write_all(HALF_HELLO);
            }
            stream
        })
        .collect();
    // Status is served beside it, new edges come, and the one that was there follows.
    let head = b"GET /healthz HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n";
    let answer = plain(service.address().parse().unwrap(), head);
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    let late = network.edge("edge-2");
    let second = EdgeService::start(&late);
    second.wait_until_it_answers(&late, PATIENCE);
    let size = contact(&late)["entries"].as_u64().unwrap();
    eventually("the first edge follows", &edge, || {
        let report = contact(&folder);
        report["authority"]["contact"] == "current" && report["entries"].as_u64() >= Some(size)
    });
    assert_eq!(contact(&folder)["status"], "ok");
    drop(silent);
    assert!(second.stop().success());
    assert!(edge.stop().success());
    assert!(service.stop().success());
}

#[test]
fn refused_strangers_are_one_line_in_the_log() {
    let network = Network::new();
    let service = network.service();
    let folder = network.edge("edge-1");
    std::fs::write(folder.dir().join("feed.token"), "00".repeat(32)).unwrap();
    let edge = EdgeService::start(&folder);
    eventually("refused", &edge, || {
        contact(&folder)["authority"]["code"] == "feed.not-known"
    });
    // It asks again after a fifth of a second at first.
    std::thread::sleep(std::time::Duration::from_secs(4));
    let lines = |log: &str| log.lines().filter(|it| it.contains("not enrolled")).count();
    let log = service.log();
    assert_eq!(lines(&log), 1, "{log}");
    assert!(log.contains("edge-1"), "{log}");
    assert!(edge.stop().success());
    assert!(service.stop().success());
}
