//! A CA, a server and a clock.

pub(crate) mod pki;
pub(crate) mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::AwsLc;
use kasane_verify::path::{AcceptAll, PathError, Purpose, Question, VerifiedPath, Verifier};
use kasane_verify::revocation::EvidenceSource;
use kasane_verify_fetch::{Clock, FetchConfig, Fetcher, Hosts};

use pki::Pki;
use server::Server;

/// A clock that moves when told.
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

impl TestClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// The middle of the certificates' validity.
pub(crate) fn start() -> UnixTime {
    "2028-06-01T00:00:00Z".parse().unwrap()
}

/// A CA, its server, and one that relies on both.
pub(crate) struct World {
    pub(crate) pki: Pki,
    pub(crate) server: Server,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) config: FetchConfig,
    pub(crate) fetcher: Fetcher,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut FetchConfig)) -> Self {
        let server = Server::start().await;
        let clock = Arc::new(TestClock(AtomicI64::new(start().seconds())));
        let mut config = FetchConfig {
            hosts: Hosts::DangerouslyAny,
            ports: vec![server.port()],
            connect_timeout: Duration::from_secs(5),
            verification_timeout: Duration::from_secs(20),
            ..FetchConfig::default()
        };
        change(&mut config);
        let fetcher = fetcher(&config, &clock);
        Self {
            pki: Pki::new(),
            server,
            clock,
            config,
            fetcher,
        }
    }

    /// Another process with the same configuration.
    pub(crate) fn restart(&mut self) {
        self.fetcher = fetcher(&self.config, &self.clock);
    }

    pub(crate) async fn verify(&self, leaf: &[u8]) -> Result<VerifiedPath, PathError> {
        verify(&self.fetcher, &self.pki, leaf, self.clock.now()).await
    }

    pub(crate) fn verify_at_hand(&self, leaf: &[u8]) -> Result<VerifiedPath, PathError> {
        self.verify_with(leaf, &self.fetcher)
    }

    fn verify_with(
        &self,
        leaf: &[u8],
        source: &dyn EvidenceSource,
    ) -> Result<VerifiedPath, PathError> {
        let anchors = [self.pki.anchor()];
        let leaf = Certificate::from_der(leaf).unwrap();
        Verifier::new(&AwsLc, &anchors, &AcceptAll).verify_with(
            &Question::new(&leaf, &[], self.clock.now(), Purpose::ClientAuth),
            source,
        )
    }

    /// Everything that went wrong, by code.
    pub(crate) fn errors(&self) -> Vec<(&'static str, u64)> {
        self.fetcher.metrics().errors.into_iter().collect()
    }
}

fn fetcher(config: &FetchConfig, clock: &Arc<TestClock>) -> Fetcher {
    let clock: Arc<TestClock> = Arc::clone(clock);
    Fetcher::new(config.clone(), clock, Arc::new(AwsLc)).unwrap()
}

pub(crate) async fn verify(
    fetcher: &Fetcher,
    pki: &Pki,
    leaf: &[u8],
    at: UnixTime,
) -> Result<VerifiedPath, PathError> {
    let anchors = [pki.anchor()];
    let leaf = Certificate::from_der(leaf).unwrap();
    let verifier = Verifier::new(&AwsLc, &anchors, &AcceptAll);
    let question = Question::new(&leaf, &[], at, Purpose::ClientAuth);
    fetcher.verify(&verifier, &question).await
}

/// The stable code of a refusal.
pub(crate) fn code(result: Result<VerifiedPath, PathError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "verified")
}

/// Waits until `done`, or fails.
pub(crate) async fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to this: {what}");
}
