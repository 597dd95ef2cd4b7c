//! Large responses on slow lines.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use kasane_web::server::Limits;

use crate::server::Server;

/// Far more than the buffers between the two ends hold.
const LENGTH: u64 = 48 * 1024 * 1024;

/// A client reads so much, and then waits so long: ten mebibytes a second at most.
const PIECE: usize = 1024 * 1024;
const PAUSE: Duration = Duration::from_millis(100);

/// A server with something large to fetch.
fn server(limits: Limits) -> Server {
    let server = Server::start(limits);
    let folder = server.world.folder.ledger().join("tile/entries");
    fs::create_dir_all(&folder).unwrap();
    let file = fs::File::create(folder.join("999")).unwrap();
    file.set_len(LENGTH).unwrap();
    server
}

fn ask(server: &Server) -> TcpStream {
    let mut stream = server.connect();
    let request = b"GET /ledger/tile/entries/999 HTTP/1.1\r\nHost: s\r\n\r\n";
    stream.write_all(request).unwrap();
    stream
}

/// Octets that come until the end, head included.
fn take(mut stream: TcpStream) -> u64 {
    let (mut all, mut piece) = (0, Vec::with_capacity(PIECE));
    loop {
        piece.clear();
        let mut reading = stream.take(PIECE as u64);
        let result = reading.read_to_end(&mut piece);
        all += piece.len() as u64;
        if result.is_err() || piece.is_empty() {
            return all;
        }
        stream = reading.into_inner();
        sleep(PAUSE);
    }
}

#[test]
fn response_under_way_goes_on_after_the_life_of_its_connection_while_it_moves() {
    let server = server(Limits {
        connection: Duration::from_secs(2),
        drain: Duration::from_millis(200),
        slowest: 64 * 1024,
        ..Limits::default()
    });
    let before = std::time::Instant::now();
    let all = take(ask(&server));
    assert!(all > LENGTH, "{all}");
    assert!(before.elapsed() > Duration::from_millis(2_500));
}

#[test]
fn response_ends_when_its_time_is_over_or_the_client_is_too_slow() {
    let usual = Limits {
        connection: Duration::from_millis(500),
        drain: Duration::from_millis(200),
        ..Limits::default()
    };
    for limits in [
        Limits {
            response: Duration::from_millis(300),
            ..usual
        },
        Limits {
            slowest: 1024 * 1024 * 1024,
            ..usual
        },
    ] {
        let all = take(ask(&server(limits)));
        assert!(all < LENGTH, "{limits:?}: {all}");
    }
}

#[test]
fn response_that_nobody_takes_keeps_no_place() {
    let server = server(Limits {
        connections: 1,
        head: Duration::from_millis(200),
        connection: Duration::from_millis(200),
        drain: Duration::from_millis(200),
        slowest: 1,
        ..Limits::default()
    });
    let deaf = ask(&server);
    assert_eq!(server.get("/healthz").status, 200);
    drop(deaf);
}
