//! What the tests share: an authority, and edges beside it.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kasane_ca_core::authority::RevocationOrder;
use kasane_ca_core::clock::{Clock, ManualClock, ManualSteadyClock, SteadyClock};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::follower::{Enrolment, Feed, Follower, FollowerParts, HeldLimits, Step};
use kasane_ca_core::pause::Pause;
use kasane_ca_core::pipeline::Issued;
use kasane_ca_core::status_source::StatusSource;
use kasane_ca_core::{Actor, Authority, Error};
use kasane_hsm::SoftwareBackend;
use kasane_ledger::disk::Disk;
use kasane_ocsp::{OcspResponseStatus, Responder, Response};
use kasane_verify::UnixTime;
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{BasicOcspResponse, CertId, CertStatus, OcspRequest, OcspResponse};
use kasane_verify::revocation::RevocationReason;
use parking_lot::Mutex;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::common::{World, p384, requester, terminal_order};
use crate::disk::SmallDisk;
use crate::way::Way;

pub(crate) const TERMINALS: &str = "issuing-ecc-terminal";

/// Who waits follows meanwhile.
#[derive(Default)]
struct Following(Mutex<Weak<Follower>>);

impl Pause for Following {
    fn pause(&self, _: Duration) {
        if let Some(follower) = self.0.lock().upgrade() {
            follower.step(Duration::ZERO);
        }
    }
}

/// An edge in a folder of its own.
pub(crate) struct Edge {
    pub(crate) follower: Arc<Follower>,
    pub(crate) responder: Responder,
    pub(crate) folder: DataFolder,
    pub(crate) way: Arc<Way>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) steady: Arc<ManualSteadyClock>,
    pub(crate) disk: Arc<SmallDisk>,
    path: TempDir,
}

/// What is left of one whose process ended.
pub(crate) struct Killed {
    enrolment: Enrolment,
    way: Arc<Way>,
    clock: Arc<ManualClock>,
    steady: Arc<ManualSteadyClock>,
    disk: Arc<SmallDisk>,
    limits: HeldLimits,
    pub(crate) path: TempDir,
}

pub(crate) fn enrolment(authority: &Authority, name: &str) -> Enrolment {
    Enrolment {
        name: name.to_owned(),
        feed: "127.0.0.1:1".to_owned(),
        feed_key_sha256: "00".repeat(32),
        ledger_key: authority.ledger_key().verifier().vkey(),
        status_url: authority.configuration().config().status_url.clone(),
    }
}

impl Edge {
    /// Enrolled, and nothing followed yet.
    pub(crate) fn enrolled(world: &World, name: &str) -> Self {
        let token = world
            .authority
            .enrol_responder(&Actor::system(), name, "")
            .unwrap();
        Self::with(world, &enrolment(&world.authority, name), &token)
    }

    pub(crate) fn with(world: &World, enrolment: &Enrolment, token: &str) -> Self {
        let path = tempfile::tempdir().unwrap();
        let folder = DataFolder::open_or_create(path.path()).unwrap();
        Follower::create(&folder, enrolment).unwrap();
        drop(folder);
        let way = Arc::new(Way::new(&world.authority, &enrolment.name, token));
        Killed {
            enrolment: enrolment.clone(),
            way,
            clock: Arc::new(ManualClock::new(world.authority.now())),
            steady: Arc::default(),
            disk: Arc::default(),
            limits: HeldLimits::default(),
            path,
        }
        .start()
    }

    /// Enrolled, caught up, and with signers.
    pub(crate) fn ready(world: &World, name: &str) -> Self {
        let edge = Self::enrolled(world, name);
        world.authority.checkpoint().unwrap();
        edge.catch_up();
        edge.roll_over();
        edge
    }

    /// The process ends without a word.
    pub(crate) fn kill(self) -> Killed {
        let limits = HeldLimits::default();
        Killed {
            enrolment: self.follower.enrolment().clone(),
            way: self.way,
            clock: self.clock,
            steady: self.steady,
            disk: self.disk,
            limits,
            path: self.path,
        }
    }

    /// The process ends without a word, and another starts on the folder.
    pub(crate) fn restart(self) -> Self {
        self.kill().start()
    }

    /// Time passes here.
    pub(crate) fn pass(&self, seconds: u64) {
        self.steady.pass(Duration::from_secs(seconds));
        let seconds = i64::try_from(seconds).unwrap();
        self.clock.set(self.clock.now().plus_seconds(seconds));
    }

    pub(crate) fn step(&self) -> Step {
        self.follower.step(Duration::ZERO)
    }

    /// Follows until nothing is missing.
    pub(crate) fn catch_up(&self) {
        let authority = self.way.authority.lock().clone().unwrap();
        for _ in 0..10_000 {
            assert_eq!(self.step(), Step::Followed, "{:?}", self.contact());
            let report = self.follower.report().unwrap();
            let has = report.entries + report.held_entries;
            let checkpoint = report.checkpoint.unwrap_or(0);
            let signed = authority.ledger().checkpoint_size().unwrap_or(0);
            if has == authority.ledger().size() && checkpoint == signed {
                return;
            }
        }
        panic!("it does not catch up");
    }

    pub(crate) fn roll_over(&self) {
        let done = self.responder.ensure_signers(self.follower.now());
        assert!(done.failed.is_empty(), "{:?}", done.failed);
    }

    pub(crate) fn contact(&self) -> kasane_ca_core::follower::Contact {
        self.follower.report().unwrap().contact
    }

    /// The authority is gone.
    pub(crate) fn cut_off(&self) {
        *self.way.authority.lock() = None;
    }

    pub(crate) fn replica(&self) -> &Path {
        self.path.path()
    }

    /// Asks as a terminal would: what is kept first.
    pub(crate) fn ask(&self, serial: &[u8]) -> Response {
        let request = request(&*self.follower, serial);
        let now = self.follower.now();
        self.responder
            .prepared(Some(TERMINALS), &request, now)
            .unwrap_or_else(|| self.responder.respond(Some(TERMINALS), &request, now))
    }

    pub(crate) fn status(&self, serial: &[u8]) -> CertStatus {
        let response = self.ask(serial);
        with_basic(&response, |basic| basic.data.responses[0].cert_status)
    }
}

impl Killed {
    /// Another process starts on the folder.
    pub(crate) fn start(self) -> Edge {
        self.try_start().map_err(|refused| refused.0).unwrap()
    }

    /// The same, where it may refuse.
    /// Or what keeps it from starting, and what is left then.
    pub(crate) fn try_start(self) -> Result<Edge, Box<(Error, Self)>> {
        let folder = DataFolder::open(self.path.path()).unwrap();
        let passphrase = Zeroizing::new(b"of an edge".to_vec());
        let backend = SoftwareBackend::open(&folder.keys(), passphrase).unwrap();
        let following = Arc::new(Following::default());
        let parts = FollowerParts {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            steady: Arc::clone(&self.steady) as Arc<dyn SteadyClock>,
            pause: Arc::clone(&following) as Arc<dyn Pause>,
            crypto: Arc::new(AwsLc),
            backend: Arc::new(backend),
            feed: Arc::clone(&self.way) as Arc<dyn Feed>,
            disk: Arc::clone(&self.disk) as Arc<dyn Disk>,
            held_limits: self.limits,
        };
        let enrolment = self.enrolment.clone();
        let follower = match Follower::start(&folder, enrolment, parts, &mut |_, _| {}) {
            Ok(follower) => follower,
            Err(error) => return Err(Box::new((error, self))),
        };
        *following.0.lock() = Arc::downgrade(&follower);
        Ok(Edge {
            responder: Responder::new(Arc::clone(&follower)),
            follower,
            folder,
            way: self.way,
            clock: self.clock,
            steady: self.steady,
            disk: self.disk,
            path: self.path,
        })
    }

    /// The same in another folder, with a disk of its own.
    pub(crate) fn elsewhere(&self, path: TempDir) -> Self {
        Self {
            enrolment: self.enrolment.clone(),
            way: Arc::clone(&self.way),
            clock: Arc::clone(&self.clock),
            steady: Arc::clone(&self.steady),
            disk: Arc::default(),
            limits: self.limits,
            path,
        }
    }

    /// The same, once there is space.
    pub(crate) fn start_with_space(self) -> Edge {
        self.disk.make_space();
        self.start()
    }

    /// One that holds no more than that.
    pub(crate) const fn with_limits(mut self, limits: HeldLimits) -> Self {
        self.limits = limits;
        self
    }

    /// A file of its folder.
    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.path.path().join(name)
    }
}

fn request(source: &dyn StatusSource, serial: &[u8]) -> Vec<u8> {
    let issuer = source.issuer(TERMINALS).unwrap();
    let (subject, spki) = (&issuer.signer.subject_der, &issuer.spki);
    let id = CertId::new(
        source.crypto(),
        DigestAlgorithm::Sha1,
        subject,
        spki,
        serial,
    );
    let request = OcspRequest::new(vec![id.unwrap()], None).unwrap();
    request.encode_der().unwrap()
}

pub(crate) fn with_basic<T>(
    response: &Response,
    look: impl FnOnce(&BasicOcspResponse<'_>) -> T,
) -> T {
    assert_eq!(response.status, OcspResponseStatus::Successful);
    let parsed = OcspResponse::parse(&response.der).unwrap();
    look(&parsed.basic().unwrap())
}

/// producedAt, thisUpdate and nextUpdate.
pub(crate) fn times(response: &Response) -> (UnixTime, UnixTime, UnixTime) {
    with_basic(response, |basic| {
        let single = &basic.data.responses[0];
        (
            basic.data.produced_at,
            single.this_update,
            single.next_update.unwrap(),
        )
    })
}

pub(crate) fn issue(world: &World) -> Issued {
    let order = terminal_order("terminal-ecc", 1, &p384());
    world.authority.issue(&requester(), order).unwrap()
}

pub(crate) fn revoke(world: &World, serial: &[u8]) {
    let order = RevocationOrder {
        issuer: TERMINALS,
        serial,
        reason: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    world.authority.revoke(&Actor::system(), &order).unwrap();
}

pub(crate) fn is_revoked(status: CertStatus) -> bool {
    matches!(status, CertStatus::Revoked(_))
}
