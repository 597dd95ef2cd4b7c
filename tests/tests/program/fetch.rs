//! A relying system against the running service: evidence over the network, by the addresses in the
//! certificates.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kasane_tests::program::{Kasane, Service, free_address};
use kasane_tests::tools::succeed;
use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{
    AcceptAll, PathError, Position, Purpose, Question, TrustAnchor, VerifiedPath, Verifier,
};
use kasane_verify::pem;
use kasane_verify::revocation::Basis;
use kasane_verify_fetch::{Clock, FetchConfig, Fetcher, Hosts, SystemClock};

/// The machine's clock, moved ahead.
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> UnixTime {
        let seconds = self.0.load(Ordering::SeqCst);
        SystemClock.now().plus_seconds(seconds)
    }
}

/// One that relies on the demonstration's ECC root alone.
struct Relying {
    clock: Arc<Ahead>,
    fetcher: Fetcher,
    anchors: Vec<TrustAnchor>,
    issuing: Vec<u8>,
}

impl Relying {
    fn new(demo: &Path, port: u16) -> Self {
        let clock = Arc::new(Ahead(AtomicI64::new(0)));
        let config = FetchConfig {
            hosts: Hosts::Within(vec!["127.0.0.1".to_owned()]),
            ports: vec![port],
            ..FetchConfig::default()
        };
        let source: Arc<Ahead> = Arc::clone(&clock);
        let root = certificate(demo, "root-ecc");
        Self {
            fetcher: Fetcher::new(config, source, Arc::new(AwsLc)).unwrap(),
            clock,
            anchors: vec![TrustAnchor::from_certificate(&root, &AwsLc).unwrap()],
            issuing: certificate(demo, "issuing-ecc-terminal"),
        }
    }

    async fn verify(&self, terminal: &[u8]) -> Result<VerifiedPath, PathError> {
        let terminal = Certificate::from_der(terminal).unwrap();
        let issuing = [Certificate::from_der(&self.issuing).unwrap()];
        // The default rules: everybody's status must be known and good.
        let verifier = Verifier::new(&AwsLc, &self.anchors, &AcceptAll);
        let at = self.clock.now();
        let question = Question::new(&terminal, &issuing, at, Purpose::ClientAuth);
        self.fetcher.verify(&verifier, &question).await
    }

    fn advance(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn certificate(demo: &Path, name: &str) -> Vec<u8> {
    let text = std::fs::read(demo.join(name).with_extension("pem")).unwrap();
    pem::certificates(&text).unwrap().remove(0)
}

#[test]
fn relying_system_sees_revocation_and_outlives_an_outage() {
    let folder = tempfile::tempdir().unwrap();
    let kasane = Kasane::on(&folder.path().join("data"));
    let address = free_address();
    let listen = address.to_string();
    let _ = succeed(
        "quickstart",
        &kasane.run(["quickstart", "--once", "--listen", &listen]),
    );
    let demo = kasane.dir().join("demo");
    let summary: serde_json::Value =
        serde_json::from_slice(&std::fs::read(demo.join("summary.json")).unwrap()).unwrap();
    let serial = summary["certificates"]["terminal-1-ecc"]["serial"]
        .as_str()
        .unwrap();
    let (first, second) = (
        certificate(&demo, "terminal-1-ecc"),
        certificate(&demo, "terminal-2-ecc"),
    );
    let service = Service::start_at(&kasane, address);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let relying = Relying::new(&demo, address.port());
        let path = relying.verify(&first).await.unwrap();
        let basis = |position| {
            let mut statuses = path.statuses().iter();
            let found = statuses.find(|it| it.position == position);
            found.map(|it| it.basis.clone())
        };
        let of_terminal = basis(Position::EndEntity);
        assert!(
            matches!(of_terminal, Some(Basis::Ocsp { .. })),
            "{of_terminal:?}"
        );
        let of_ca = basis(Position::Intermediate(0));
        assert!(matches!(of_ca, Some(Basis::Crl { .. })), "{of_ca:?}");
        relying.verify(&second).await.unwrap();
        let _ = kasane.json(["revoke", serial, "--reason", "key-compromise"]);
        // What it knows already counts for its max-age; one that asks now hears it at once.
        relying.advance(301);
        for relying in [&relying, &Relying::new(&demo, address.port())] {
            let error = relying.verify(&first).await.unwrap_err();
            assert_eq!(error.code(), "path.revoked", "{error}");
            assert_eq!(error.position, Position::EndEntity);
            relying.verify(&second).await.unwrap();
        }
        let metrics = relying.fetcher.metrics();
        assert!(metrics.errors.is_empty(), "{metrics:?}");
        assert!(service.stop().success());
        // The last good answers count until their next update: OCSP for two days.
        relying.advance(24 * 3_600);
        relying.verify(&second).await.unwrap();
        let error = relying.verify(&first).await.unwrap_err();
        assert_eq!(error.code(), "path.revoked", "{error}");
        relying.advance(30 * 24 * 3_600);
        let error = relying.verify(&second).await.unwrap_err();
        assert_eq!(error.code(), "path.status_unavailable", "{error}");
        assert!(error.to_string().contains("(fetch.connect)"), "{error}");
    });
}
