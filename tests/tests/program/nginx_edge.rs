//! An edge responder as `backup` in the nginx configuration that is shipped.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use kasane_tests::edge::{EdgeService, Question, health};
use kasane_tests::nginx::Nginx;
use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::tools::Tool;
use kasane_verify::ocsp::{CertStatus, OcspResponse, ResponderId};

use crate::edge::{Network, PATIENCE, eventually};
use crate::nginx::{Answer, Asking, OCSP_TYPE, configuration, path, send};
use crate::revocation::issue;
use crate::starting::wait_until_it_listens;

const ISSUER: &str = "issuing-ecc-terminal";

/// A running nginx with the line for an edge in force.
struct Front {
    address: SocketAddr,
    _nginx: Nginx,
}

impl Front {
    fn start(network: &Network, name: &str, service: &Service, edge: &EdgeService) -> Self {
        let folder = network.folder().join(name);
        let address = free_address();
        let line = format!("server {} backup;", edge.address());
        let changes = [("#     server EDGE:8080 backup;", line)];
        let text = configuration(&folder, service, address, &changes);
        Self {
            address,
            _nginx: Nginx::start(&folder, &text, address),
        }
    }
}

/// Questions about one issuer's certificates.
struct Questions(Asking);

impl Questions {
    fn about(&self, serial: &str) -> Vec<u8> {
        self.0.about(&hex::decode(serial).unwrap(), None)
    }

    /// What is said of a certificate that this nginx was never asked about.
    fn cold(&self, front: &Front, serial: &str) -> Said {
        let path = path(&self.about(serial));
        let answer = send(front.address, "GET", &path, "", &[]);
        assert_eq!(answer.header("X-Cache-Status"), "MISS", "{}", answer.head);
        said(&answer)
    }

    /// By POST, for which nothing is kept.
    fn fresh(&self, address: SocketAddr, serial: &str) -> Said {
        said(&send(
            address,
            "POST",
            "/ocsp",
            OCSP_TYPE,
            &self.about(serial),
        ))
    }
}

/// Who signed an answer, and what it says.
#[derive(Debug)]
struct Said {
    by: ResponderId,
    status: CertStatus,
}

impl Said {
    fn is_good_by(&self, signer: &ResponderId) -> bool {
        self.by == *signer && self.status == CertStatus::GOOD
    }

    fn is_revoked_by(&self, signer: &ResponderId) -> bool {
        self.by == *signer && matches!(self.status, CertStatus::Revoked(_))
    }
}

fn said(answer: &Answer) -> Said {
    let response = OcspResponse::parse(&answer.body).unwrap();
    let basic = response.basic();
    let basic = basic.unwrap_or_else(|error| panic!("{error}: {}", answer.head));
    Said {
        by: basic.data.responder_id,
        status: basic.data.responses[0].cert_status,
    }
}

#[test]
fn edge_answers_behind_nginx_while_the_service_is_dead_or_only_starts_and_not_after() {
    if Tool::Nginx.or_skip("an edge behind nginx").is_none() {
        return;
    }
    let network = Network::new();
    let world = &network.world;
    let itself = free_address();
    let service = Service::start_at_with_feed(world, itself, network.feed);
    let folder = network.edge("edge-1");
    let edge = EdgeService::start(&folder);
    edge.wait_until_it_answers(&folder, PATIENCE);
    let good: Vec<_> = (0..4).map(|n| issue(world, &format!("good-{n}"))).collect();
    let revoked = issue(world, "revoked");
    let _ = world.json(["revoke", &revoked, "--reason", "key-compromise"]);
    for serial in &good {
        let question = Question::about(&service, ISSUER, serial);
        eventually("good", &edge, || question.is_good_at(edge.address()));
    }
    let question = Question::about(&service, ISSUER, &revoked);
    eventually("revoked", &edge, || question.is_revoked_at(edge.address()));
    let questions = Questions(Asking::of(itself, ISSUER));
    let by_service = questions.fresh(itself, &good[0]).by;
    let by_edge = questions
        .fresh(edge.address().parse().unwrap(), &good[0])
        .by;
    assert_ne!(by_service, by_edge);

    let first = Front::start(&network, "nginx-1", &service, &edge);
    let answer = questions.cold(&first, &good[0]);
    assert!(answer.is_good_by(&by_service), "{answer:?}");
    service.kill();
    let answer = questions.cold(&first, &good[1]);
    assert!(answer.is_good_by(&by_edge), "{answer:?}");
    let answer = questions.cold(&first, &revoked);
    assert!(answer.is_revoked_by(&by_edge), "{answer:?}");

    // A start that goes on as long as nobody writes the passphrase. This nginx knows of no failure: it
    // asks the service first, and is told 503.
    let fifo = network.folder().join("passphrase");
    let made = Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&fifo)
        .status();
    assert!(made.unwrap().success());
    let waiting = Kasane::on(world.dir());
    let waiting = waiting.with("KASANE_KEY_PASSPHRASE_FILE", fifo.to_str().unwrap());
    let mut service = Service::launch_at(&waiting, itself);
    wait_until_it_listens(service.address(), || service.log());
    assert_eq!(health(itself).1["status"], "starting");
    let second = Front::start(&network, "nginx-2", &service, &edge);
    let answer = questions.cold(&second, &good[2]);
    assert!(answer.is_good_by(&by_edge), "{answer:?}");
    let answer = questions.cold(&second, &revoked);
    assert!(answer.is_revoked_by(&by_edge), "{answer:?}");
    assert_eq!(health(itself).1["status"], "starting");
    assert!(service.ended_within(Duration::ZERO).is_none());

    // Back, it is asked again by both, once nginx has forgotten that it failed.
    let passphrase = fs::read(world.dir().join("keys.passphrase")).unwrap();
    fs::write(&fifo, passphrase).unwrap();
    eventually("the start is done", &edge, || {
        health(itself).1["status"] == "ok"
    });
    let by_service = questions.fresh(itself, &good[0]).by;
    assert_ne!(by_service, by_edge);
    for front in [&first, &second] {
        eventually("the service is asked again", &edge, || {
            questions.fresh(front.address, &good[0]).by == by_service
        });
        let answer = questions.cold(front, &good[3]);
        assert!(answer.is_good_by(&by_service), "{answer:?}");
    }
    assert!(edge.stop().success());
    assert!(service.stop().success());
}
