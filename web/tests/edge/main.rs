//! What an edge says of itself over HTTP: an authority, an edge that follows it, its listener.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../../ca-core/tests/common/mod.rs"]
mod common;
#[expect(
    dead_code,
    reason = "shared with the tests of edges, which use the rest"
)]
#[path = "../../../ocsp/tests/edge/disk.rs"]
mod disk;
#[expect(
    dead_code,
    reason = "shared with the tests of edges, which use the rest"
)]
#[path = "../../../ocsp/tests/edge/scene.rs"]
mod scene;
#[expect(
    dead_code,
    reason = "shared with the tests of edges, which use the rest"
)]
#[path = "../../../ocsp/tests/edge/way.rs"]
mod way;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::status_source::StatusSource;
use kasane_ocsp::Responder;
use kasane_web::server::{Limits, Loopback, serve};
use kasane_web::status::{ClientLimits, EdgeState, StatusServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;

use common::{World, world};
use scene::{Edge, TERMINALS, revoke};

struct Served {
    world: World,
    edge: Edge,
    address: SocketAddr,
    runtime: Runtime,
}

impl Served {
    /// Limits hold for this machine too; every address in 127.0.0.0/8 is a client of its own.
    fn new() -> Self {
        let world = world();
        let edge = Edge::ready(&world, "edge-1");
        let responder = Arc::new(Responder::new(Arc::clone(&edge.follower)));
        let state = EdgeState::new(Arc::clone(&edge.follower), responder);
        let server = StatusServer::at_edge(state.with_client_limits(ClientLimits {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::MIN,
            loopback: Loopback::Limited,
        }));
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(
            listener,
            server,
            Limits::default(),
            std::future::pending(),
        ));
        Self {
            world,
            edge,
            address,
            runtime,
        }
    }

    /// Status and body, asked from 127.0.0.`from`.
    fn get(&self, from: u8, path: &str) -> (u16, String) {
        let asking = async {
            let socket = TcpSocket::new_v4()?;
            socket.bind((Ipv4Addr::new(127, 0, 0, from), 0).into())?;
            let mut stream = socket.connect(self.address).await?;
            let head = format!("GET {path} HTTP/1.1\r\nHost: e\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let patience = Duration::from_secs(60);
        let answer = self
            .runtime
            .block_on(async { tokio::time::timeout(patience, asking).await })
            .unwrap()
            .unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }
}

#[test]
fn edge_that_hears_nothing_says_that_it_is_stale_and_whoever_asks_says_how_stale_it_may_be() {
    let served = Served::new();
    let says = |path: &str| served.get(1, path);
    assert_eq!(says("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(says("/healthz?max_stale_seconds=0").0, 200);
    served.edge.cut_off();
    served.edge.pass(300);
    assert_eq!(says("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(says("/healthz?max_stale_seconds=60").0, 503);
    served.edge.pass(1);
    // It answers on: when the authority is gone, every edge is so.
    let (status, text) = says("/healthz");
    assert_eq!(status, 200);
    assert!(
        text.starts_with("stale: ") && text.contains("301"),
        "{text}"
    );
    assert_eq!(says("/healthz?max_stale_seconds=301").0, 200);
    let (status, text) = says("/healthz?max_stale_seconds=300");
    assert_eq!(status, 503);
    assert!(text.starts_with("stale: "), "{text}");
    let (status, json) = says("/health");
    assert_eq!(status, 200);
    assert!(json.contains("\"status\": \"stale\""), "{json}");
    served.edge.pass(48 * 3_600 - 301);
    let (status, text) = says("/healthz");
    assert_eq!(status, 503);
    assert!(text.starts_with("silent: "), "{text}");
    let (status, json) = says("/health");
    assert_eq!(status, 503);
    assert!(json.contains("\"status\": \"silent\""), "{json}");
}

#[test]
fn edge_that_lacks_a_signer_answers_for_the_other_cas_and_whoever_asks_says_whether_that_will_do() {
    let served = Served::new();
    assert_eq!(served.get(1, "/healthz?complete=true").0, 200);
    for signer in served.edge.follower.ocsp_signers(TERMINALS).unwrap() {
        revoke(&served.world, &signer.serial);
    }
    served.world.authority.checkpoint().unwrap();
    served.edge.catch_up();
    let text = format!("incomplete: no signer for {TERMINALS}\n");
    assert_eq!(served.get(1, "/healthz"), (200, text.clone()));
    assert_eq!(served.get(1, "/healthz?complete=true"), (503, text));
    // So it is when it is stale as well, which is the word for it then.
    served.edge.cut_off();
    served.edge.pass(301);
    assert_eq!(served.get(1, "/healthz?complete=false").0, 200);
    let (status, text) = served.get(1, "/healthz?complete=true");
    assert_eq!(status, 503);
    assert!(text.starts_with("stale: "), "{text}");
}

#[test]
fn bound_that_cannot_be_understood_is_refused_and_not_left_out() {
    let served = Served::new();
    for query in [
        "max_stale_seconds=",
        "max_stale_seconds=-1",
        "max_stale_seconds=1h",
        "max_stale_seconds=99999999999",
        "max_stale=60",
        "complete=",
        "complete=1",
    ] {
        let (status, text) = served.get(1, &format!("/healthz?{query}"));
        assert_eq!(status, 400, "{query} {text}");
    }
}

#[test]
fn looks_at_an_edge_are_limited_for_each_client_and_one_each_second_passes() {
    let served = Served::new();
    for path in ["/health", "/healthz"] {
        let refused = |from| {
            (0..200)
                .map(|_| served.get(from, path).0)
                .any(|status| status == 429)
        };
        assert!(refused(2), "{path}");
        // Somebody else's looks are its own.
        assert_eq!(served.get(3, path).0, 200);
        for _ in 0..3 {
            std::thread::sleep(Duration::from_secs(1));
            assert_eq!(served.get(2, path).0, 200);
        }
    }
}

#[test]
fn who_asks_too_much_of_ocsp_still_sees_how_the_edge_stands() {
    let served = Served::new();
    // No request at all, which has to be looked at all the same.
    let statuses: Vec<_> = (0..20).map(|_| served.get(2, "/ocsp/AAAA")).collect();
    assert!(statuses.iter().all(|(status, _)| *status == 200));
    assert_eq!(served.get(2, "/healthz"), (200, "ok\n".to_owned()));
    assert!(served.world.authority.stopped().is_none());
}
