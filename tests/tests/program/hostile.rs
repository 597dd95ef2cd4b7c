//! Many clients that mean harm, against the program under the limits of an ordinary machine.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kasane_tests::edge::{EdgeService, Question as EdgeQuestion, health};
use kasane_tests::http::Connection;
use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::status_load::{Question, Watched};
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{
    CertId, CertStatus, MAX_REQUESTS, OcspRequest, OcspResponse, OcspResponseStatus,
};

use crate::World;
use crate::status_under_load::{Stop, enrol};

/// Files that the service may have open when it starts.
const LIMIT: usize = 256;

/// Slow clients: more than that.
const SLOW_HEADS: usize = 400;
const SLOW_BODIES: usize = 100;

/// Clients that ask on and on and read nothing.
const DEAF: usize = 30;

/// What all of them may cost. Their unread octets alone would be more.
const MOST_BYTES: u64 = 160 * 1024 * 1024;

const PATIENCE: Duration = Duration::from_secs(120);

/// The program with a low limit of open files, as a login shell or systemd sets it.
struct Limited(Child);

impl Limited {
    fn start(world: &World, address: SocketAddr) -> Self {
        Self::run(world, &["serve", "--listen", &address.to_string()], address)
    }

    /// Runs it as a service at `address`.
    fn run(kasane: &Kasane, arguments: &[&str], address: SocketAddr) -> Self {
        let serve = kasane.command(arguments);
        let log = fs::File::create(kasane.dir().with_extension("hostile.log")).unwrap();
        let child = Command::new("sh")
            .arg("-c")
            .arg(format!("ulimit -S -n {LIMIT}; exec \"$0\" \"$@\""))
            .arg(serve.get_program())
            .args(serve.get_args())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut service = Self(child);
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() || health(address).1["status"] == "starting" {
            assert!(service.0.try_wait().unwrap().is_none(), "it ended");
            assert!(Instant::now() < end, "it does not answer");
            thread::sleep(Duration::from_millis(20));
        }
        service
    }

    /// A line of its status, in kibibytes.
    fn memory_bytes(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.unwrap().split_whitespace().next().unwrap();
        number.parse::<u64>().unwrap() * 1_024
    }

    fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0.id()))
            .unwrap()
            .count()
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn flood_of_bad_clients_costs_little_and_keeps_nobody_waiting() {
    let world = World::new();
    let address = free_address();
    let service = Service::start_at(&world, address);
    let watched = enrol(&world, &service, 1);
    assert!(service.stop().success());
    let service = Limited::start(&world, address);
    ask_well(address, &watched, 64);
    let (memory, descriptors) = (service.memory_bytes("VmRSS:"), service.descriptors());
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _stop = Stop(&stop);
        let slow: Vec<_> = slow_heads(address).chain(slow_bodies(address)).collect();
        for _ in 0..DEAF {
            scope.spawn(|| be_deaf(address, &watched, &stop));
        }
        scope.spawn(|| ask_for_long_lists(address, &watched[0], &stop));
        let mut most_open = service.descriptors();
        for _ in 0..10 {
            ask_well(address, &watched, 40);
            most_open = most_open.max(service.descriptors());
        }
        // It let more of them in than it could have when it started.
        assert!(most_open > LIMIT, "{most_open} descriptors");
        drop(slow);
    });
    let peak = service.memory_bytes("VmHWM:");
    assert!(
        peak < memory + MOST_BYTES,
        "{} MiB before, {} MiB at most",
        memory >> 20,
        peak >> 20
    );
    // Whoever is gone holds nothing; the others get ten seconds for a head.
    let end = Instant::now() + PATIENCE;
    while service.descriptors() > descriptors + 8 {
        assert!(
            Instant::now() < end,
            "{} descriptors before, {} now",
            descriptors,
            service.descriptors()
        );
        thread::sleep(Duration::from_millis(100));
    }
    ask_well(address, &watched, 64);
}

#[test]
fn edge_makes_room_for_as_many_clients_as_the_service_itself() {
    let world = World::new();
    let feed = free_address();
    let service = Service::start_with_feed(&world, feed);
    let watched = enrol(&world, &service, 1);
    let folder = world.folder.path();
    let enrolment = crate::edge::enrol(&world, feed, folder, "edge-1", &[]);
    let edge_folder = crate::edge::make(&enrolment, &folder.join("edge-1"));
    let edge = EdgeService::start(&edge_folder);
    edge.wait_until_it_answers(&edge_folder, PATIENCE);
    for it in &watched {
        let asked = EdgeQuestion::about(&service, &it.issuer, &hex::encode(&it.serial));
        crate::edge::eventually("good", &edge, || {
            asked.status_at(edge.address()) == Some(CertStatus::GOOD)
        });
    }
    assert!(edge.stop().success());
    let address = free_address();
    let arguments = ["responder", "serve", "--listen", &address.to_string()];
    let edge = Limited::run(&edge_folder, &arguments, address);
    let slow: Vec<_> = slow_heads(address).collect();
    let mut most_open = edge.descriptors();
    for _ in 0..10 {
        ask_well(address, &watched, 40);
        most_open = most_open.max(edge.descriptors());
    }
    assert!(most_open > LIMIT, "{most_open} descriptors");
    drop((slow, edge));
    assert!(service.stop().success());
}

/// One who asks as one should, and is answered each time.
fn ask_well(address: SocketAddr, watched: &[Watched], times: usize) {
    let mut connection = Connection::new(address);
    for number in 0..times {
        let kind = u8::try_from(number % 256).unwrap();
        let question = Question::of_kind(kind, [kind; 16]);
        let watched = &watched[number % watched.len()];
        let request = question.encode(watched, address);
        let reply = connection.send(&request).unwrap();
        assert_eq!(reply.status, 200);
        let response = OcspResponse::parse(&reply.body).unwrap();
        let status = response.basic().unwrap().data.responses[0].cert_status;
        assert_eq!(status, CertStatus::GOOD);
    }
}

/// Most of a head, and no end.
fn slow_heads(address: SocketAddr) -> impl Iterator<Item = TcpStream> {
    (0..SLOW_HEADS).map(move |_| {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!("GET /ocsp/{} HTTP/1.1\r\nHost: s\r\n", "A".repeat(60_000));
        // The service may have let it go before it is told.
        let _sent = stream.write_all(head.as_bytes());
        stream
    })
}

/// A head, and a body that does not come.
fn slow_bodies(address: SocketAddr) -> impl Iterator<Item = TcpStream> {
    (0..SLOW_BODIES).map(move |number| {
        let mut stream = TcpStream::connect(address).unwrap();
        let length = if number % 2 == 0 { 100 } else { 16_000 };
        let head = format!(
            "POST /ocsp HTTP/1.1\r\nHost: s\r\nContent-Length: {length}\r\n\
             Content-Type: application/ocsp-request\r\n\r\n\x30"
        );
        let _sent = stream.write_all(head.as_bytes());
        stream
    })
}

/// Requests without end in one connection, and no ear for the answers.
fn be_deaf(address: SocketAddr, watched: &[Watched], stop: &AtomicBool) {
    let one = Question::of_kind(8, [0; 16]).encode(&watched[0], address);
    let many = one.repeat(100);
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut stream) = TcpStream::connect(address) else {
            continue;
        };
        let patience = Some(Duration::from_millis(200));
        stream.set_write_timeout(patience).unwrap();
        while !stop.load(Ordering::Relaxed) && stream.write_all(&many).is_ok() {}
        // Full on both sides by now: it stays a while.
        thread::sleep(Duration::from_millis(300));
    }
}

/// The longest list that is answered, and one longer.
fn ask_for_long_lists(address: SocketAddr, watched: &Watched, stop: &AtomicBool) {
    let issuer = Certificate::from_der(&watched.issuer_der).unwrap();
    let name = issuer.subject().der();
    let digest = DigestAlgorithm::Sha256;
    let id = CertId::new(&AwsLc, digest, name, issuer.spki(), &watched.serial).unwrap();
    let mut connection = Connection::new(address);
    for count in [MAX_REQUESTS, MAX_REQUESTS + 1].into_iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let request = OcspRequest::new(vec![id.clone(); count], None).unwrap();
        let body = request.encode_der().unwrap();
        let mut whole = format!(
            "POST /ocsp HTTP/1.1\r\nHost: s\r\nContent-Length: {}\r\n\
             Content-Type: application/ocsp-request\r\n\r\n",
            body.len()
        )
        .into_bytes();
        whole.extend(body);
        let reply = connection.send(&whole).unwrap();
        let status = OcspResponse::parse(&reply.body).unwrap().response_status;
        let wanted = if count > MAX_REQUESTS {
            OcspResponseStatus::MalformedRequest
        } else {
            OcspResponseStatus::Successful
        };
        assert_eq!(status, wanted);
    }
}
