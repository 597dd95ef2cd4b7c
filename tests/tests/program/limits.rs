//! What clients may take, and who is trusted with more: `limits.toml` and the nginx in front.

use std::fs;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use kasane_ca_core::random::{RandomSource, SystemRandom};
use kasane_tests::edge::EdgeService;
use kasane_tests::nginx::Nginx;
use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::sample::Key;
use kasane_tests::tools::Tool;
use kasane_verify::ocsp::{CertStatus, Nonce};

use crate::World;
use crate::edge::{Network, PATIENCE};
use crate::nginx::{Asking, OCSP_TYPE, configuration, path, send};
use crate::status_under_load::issue_command;

const TERMINALS: &str = "issuing-ecc-terminal";

/// Certificates that are asked about for the first time.
const COLD: usize = 1_000;

const WORKERS: usize = 4;

const MALFORMED_REQUEST: u8 = 1;
const TRY_LATER: u8 = 3;

/// Everybody is limited to next to nothing, this machine too, but for one address of it.
const LIMITS: &str = "[clients]\nwork_per_second = 1\nwork_burst = 20\nloopback = \"limited\"\n\
                      [[trusted]]\nname = \"proxy\"\nnetworks = [\"127.0.0.2\"]\n";

fn set_limits(kasane: &Kasane, text: &str) {
    fs::write(kasane.dir().join("limits.toml"), text).unwrap();
}

/// Serial numbers of new certificates.
fn issue(world: &World, count: usize) -> Vec<Vec<u8>> {
    let issue = || {
        let command = issue_command(&Key::P384, "terminal-ecc");
        let answer = world.post(&command, || {}).unwrap();
        hex::decode(answer["issued"]["serial"].as_str().unwrap()).unwrap()
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| scope.spawn(|| (0..count / WORKERS).map(|_| issue()).collect::<Vec<_>>()))
            .collect();
        let issued = workers.into_iter().map(|it| it.join().unwrap());
        issued.flatten().collect()
    })
}

/// How many of so many questions, each for itself, were put off; the others were answered.
fn put_off(address: SocketAddr, asking: &Asking, serial: &[u8], questions: usize) -> usize {
    let ask = || {
        let mut octets = [0; 32];
        SystemRandom.fill(&mut octets).unwrap();
        let request = asking.about(serial, Some(&Nonce::new(&octets).unwrap()));
        let answer = send(address, "POST", "/ocsp", OCSP_TYPE, &request);
        let later = answer.is_without_answer(TRY_LATER);
        assert!(later || answer.status() == CertStatus::GOOD);
        later
    };
    (0..questions).filter(|_| ask()).count()
}

#[test]
fn trusted_proxy_brings_a_thousand_cold_questions_and_anybody_else_is_put_off() {
    if Tool::Nginx.or_skip("a trusted nginx").is_none() {
        return;
    }
    let world = World::new();
    set_limits(&world, LIMITS);
    let service = Service::start(&world);
    let address = free_address();
    let folder = world.folder.path().join("nginx");
    let changes = [
        // As if it were on another machine.
        (
            "proxy_pass http://kasane_ocsp;",
            "proxy_bind 127.0.0.2;\nproxy_pass http://kasane_ocsp;".to_owned(),
        ),
        ("default 0;", "default 0;\n127.0.0.1 1;".to_owned()),
    ];
    let text = configuration(&folder, &service, address, &changes);
    let _nginx = Nginx::start(&folder, &text, address);
    let serials = issue(&world, COLD);
    assert_eq!(serials.len(), COLD);
    let asking = Asking::of(address, TERMINALS);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(serial) = serials.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = send(address, "GET", &path(&asking.about(serial, None)), "", &[]);
                    assert_eq!(answer.header("X-Cache-Status"), "MISS", "{}", answer.head);
                    assert!(!answer.is_without_answer(TRY_LATER), "{}", answer.head);
                    assert_eq!(answer.status(), CertStatus::GOOD);
                }
            });
        }
    });
    // The same through it with a nonce; and one who comes by itself, from another address.
    assert_eq!(put_off(address, &asking, &serials[0], 60), 0);
    let direct = service.address().parse().unwrap();
    let late = put_off(direct, &asking, &serials[0], 100);
    assert!(late >= 20, "{late}");
    // What is kept is given to it all the same, and the log says who was put off and what to do.
    for serial in &serials[..60] {
        let answer = send(direct, "GET", &path(&asking.about(serial, None)), "", &[]);
        assert_eq!(answer.status(), CertStatus::GOOD);
    }
    assert!(service.log().contains("limits.toml"), "{}", service.log());
}

#[test]
fn nginx_counts_what_is_not_kept_and_says_so_as_ocsp() {
    if Tool::Nginx.or_skip("limits of nginx").is_none() {
        return;
    }
    let world = World::new();
    let service = Service::start(&world);
    let address = free_address();
    let folder = world.folder.path().join("nginx");
    let changes = [
        ("rate=200r/s;", "rate=1r/s;".to_owned()),
        ("burst=400", "burst=20".to_owned()),
    ];
    let text = configuration(&folder, &service, address, &changes);
    let _nginx = Nginx::start(&folder, &text, address);
    let serial = issue(&world, WORKERS).remove(0);
    let asking = Asking::of(address, TERMINALS);
    let kept = path(&asking.about(&serial, None));
    let get = |path: &str| send(address, "GET", path, "", &[]);
    assert_eq!(get(&kept).status(), CertStatus::GOOD);
    let all_kept = || {
        for _ in 0..200 {
            let answer = get(&kept);
            assert_eq!(answer.header("X-Cache-Status"), "HIT", "{}", answer.head);
            assert_eq!(answer.status(), CertStatus::GOOD);
        }
    };
    all_kept();
    let late = put_off(address, &asking, &serial, 100);
    assert!(late >= 20, "{late}");
    all_kept();
    // What is no OCSP is told in the words of HTTP.
    let lists = (0..100).map(|_| get("/ledger/checkpoint"));
    let refused = lists.filter(|it| it.head.starts_with("HTTP/1.1 429"));
    assert!(refused.count() >= 20);
    // Too long is too long: by nginx's limit, and by the service's own.
    let long = vec![0x30; 17 * 1024];
    let answer = send(address, "POST", "/ocsp", OCSP_TYPE, &long);
    assert!(
        answer.is_without_answer(MALFORMED_REQUEST),
        "{}",
        answer.head
    );
}

#[test]
fn edge_keeps_to_the_limits_in_its_own_folder() {
    let network = Network::new();
    let service = network.service();
    let serial = issue(&network.world, WORKERS).remove(0);
    let asking = Asking::of(service.address().parse().unwrap(), TERMINALS);
    let folder = network.edge("edge-1");
    set_limits(&folder, LIMITS);
    let edge = EdgeService::start(&folder);
    edge.wait_until_it_answers(&folder, PATIENCE);
    let address = edge.address().parse().unwrap();
    let kept = path(&asking.about(&serial, None));
    crate::edge::eventually("the edge knows what is asked", &edge, || {
        let answer = send(address, "GET", &kept, "", &[]);
        !answer.is_without_answer(TRY_LATER) && answer.status() == CertStatus::GOOD
    });
    let late = put_off(address, &asking, &serial, 100);
    assert!(late >= 20, "{late}");
    assert!(edge.stop().success());
}

#[test]
fn limits_that_cannot_be_kept_are_refused_before_anything_is_served() {
    let world = World::new();
    for (text, part) in [
        ("[clients]\nwork_per_second = 0\n", "1 to 1000000"),
        (
            "[[trusted]]\nname = \"proxy\"\nnetworks = [\"192.0.2.7/24\"]\n",
            "write 192.0.2.0/24",
        ),
        ("[client]\n", "unknown field"),
    ] {
        set_limits(&world, text);
        let refusal = world.refusal(["serve", "--listen", &free_address().to_string()]);
        assert_eq!(
            (refusal.code.as_str(), refusal.exit),
            ("limits.settings", 3)
        );
        let message = &refusal.message;
        assert!(
            message.contains("limits.toml") && message.contains(part),
            "{message}"
        );
    }
}
