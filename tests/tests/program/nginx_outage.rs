//! What a cache in front gives while the service is gone.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use kasane_tests::nginx::Nginx;
use kasane_tests::program::{Service, free_address};
use kasane_tests::tools::Tool;
use kasane_verify::ocsp::CertStatus;

use crate::World;
use crate::nginx::{Answer, Asking, configuration, path, send};
use crate::stepped_clock::library;

pub(crate) const HOUR: i64 = 3_600;

const TRY_LATER: u8 = 3;

/// Sets the clock of those who look into `file`.
pub(crate) fn step_to(file: &Path, offset_seconds: i64) {
    let new = file.with_extension("new");
    fs::write(&new, format!("{offset_seconds:+}")).unwrap();
    fs::rename(&new, file).unwrap();
}

/// nginx as it is shipped, before `service`, and the file that sets its clock.
pub(crate) fn start_with_clock(
    world: &World,
    service: &Service,
    address: SocketAddr,
) -> (Nginx, PathBuf) {
    let folder = world.folder.path().join("nginx");
    let text = configuration(&folder, service, address, &[]);
    let clock = world.folder.path().join("clock");
    step_to(&clock, 0);
    let library = library();
    let environment = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ];
    let nginx = Nginx::start_with(&folder, &text, address, &environment);
    (nginx, clock)
}

#[test]
fn lists_outlive_the_service_in_a_cache_and_ocsp_does_not() {
    let needed = [Tool::Nginx, Tool::FakeTime];
    if needed
        .iter()
        .any(|it| it.or_skip("nginx without the service").is_none())
    {
        return;
    }
    let world = World::new();
    let service = Service::start(&world);
    let address = free_address();
    let (nginx, clock) = start_with_clock(&world, &service, address);
    let get = |path: &str| send(address, "GET", path, "", &[]);
    let is = |answer: &Answer, cache: &str, before: &Answer| {
        assert!(answer.head.starts_with("HTTP/1.1 200"), "{}", answer.head);
        assert_eq!(answer.header("X-Cache-Status"), cache, "{}", answer.head);
        assert_eq!(answer.body, before.body);
    };
    let issued = world.issue(&world.csr(), "outage");
    let serial = hex::decode(issued["serial"].as_str().unwrap()).unwrap();
    let asking = Asking::of(address, "issuing-ecc-terminal");
    let question = path(&asking.about(&serial, None));
    let lists = [
        "/crl/issuing-rsa/0.crl",
        "/crl/root-ecc/0.crl",
        "/ca/root-ecc.cer",
    ];
    let before = lists.map(get);
    let good = get(&question);
    assert_eq!(good.status(), CertStatus::GOOD);
    for (path, before) in lists.iter().zip(&before) {
        // A query makes no other list of it.
        is(&get(&format!("{path}?again")), "HIT", before);
    }
    is(&get(&question), "HIT", &good);

    service.kill();
    // What is fresh is given as ever.
    is(&get(&question), "HIT", &good);
    // Nobody keeps what is of one client: there is no answer, and it says so as OCSP does.
    let cold = path(&asking.about(&[5; 16], None));
    assert!(get(&cold).is_without_answer(TRY_LATER));
    // Two hours later, and two days: good until their nextUpdate.
    for hours in [2, 48] {
        step_to(&clock, hours * HOUR);
        for (path, before) in lists.iter().zip(&before) {
            is(&get(path), "STALE", before);
        }
        // An old answer would hide a revocation.
        let old = get(&question);
        assert!(old.is_without_answer(TRY_LATER), "{}", old.head);
    }
    assert!(!nginx.log().contains("[emerg]"), "{}", nginx.log());
}
