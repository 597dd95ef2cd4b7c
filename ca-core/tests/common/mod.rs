//! A whole authority in a temporary folder, with keys in memory.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::allow_attributes,
    reason = "each test binary uses a part, and which part differs; a test may unwrap"
)]

pub(crate) mod imported;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use kasane_ca_core::authority::{Authority, Devices, Documents, IssueOrder, Parts, Recovered};
use kasane_ca_core::ceremony::{self, Script};
use kasane_ca_core::clock::{Clock, ManualClock};
use kasane_ca_core::fail_point::{FailPoint, FailPoints, NoFailPoints};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::profile::Profiles;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::registration::{CheckDigit, FacilityCode, Identity};
use kasane_ca_core::request::EnrolmentRequest;
use kasane_ca_core::store_state::StoreState;
use kasane_ca_core::{Actor, Requester};
use kasane_hsm::{InMemoryBackend, KeyBackend};
use kasane_verify::UnixTime;
use kasane_verify::crypto::AwsLc;
use kasane_verify::policy::OVERLAP_TIMELINE_TOML;

/// The script of the demonstration: small RSA keys would not be of the profiles, so it is slow once.
pub(crate) const SCRIPT: &str = include_str!("../../../policy/ceremony/quickstart.toml");

/// A facility whose check digit is right.
pub(crate) const FACILITY: &str = "1312345679";

/// Leaves what is done by unwinding, as a crash leaves the process.
pub(crate) struct CrashAt(pub(crate) FailPoint);

impl FailPoints for CrashAt {
    fn reached(&self, point: FailPoint) {
        assert!(point != self.0, "crash at {}", point.as_str());
    }
}

pub(crate) struct World {
    pub(crate) authority: Arc<Authority>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) backend: Arc<InMemoryBackend>,
    pub(crate) recovered: Recovered,
    pub(crate) folder: DataFolder,
    pub(crate) path: tempfile::TempDir,
}

pub(crate) fn now() -> UnixTime {
    "2026-11-20 12:00 JST".parse().unwrap()
}

pub(crate) fn parts(clock: &Arc<ManualClock>, backend: &Arc<InMemoryBackend>) -> Parts {
    Parts {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend: Arc::clone(backend) as Arc<dyn KeyBackend>,
        fail_points: Arc::new(NoFailPoints),
        weak_keys: WeakKeys::built_in().unwrap(),
        devices: Devices::default(),
    }
}

/// What every test begins with: made once, because RSA-4096 keys take their time.
struct Template {
    path: tempfile::TempDir,
    backend: Arc<InMemoryBackend>,
}

/// An authority after its ceremony, with one facility of two terminals, in a folder of its own.
pub(crate) fn world() -> World {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let template = TEMPLATE.get_or_init(template);
    let path = tempfile::tempdir().unwrap();
    copy(template.path.path(), path.path());
    let clock = Arc::new(ManualClock::new(now()));
    let backend = Arc::clone(&template.backend);
    start(path, clock, backend)
}

/// Starts the authority that is in `path`.
pub(crate) fn start(
    path: tempfile::TempDir,
    clock: Arc<ManualClock>,
    backend: Arc<InMemoryBackend>,
) -> World {
    let folder = DataFolder::open(path.path()).unwrap();
    let (authority, recovered) =
        Authority::start(&folder, parts(&clock, &backend), &mut |_, _| {}).unwrap();
    World {
        authority,
        recovered,
        clock,
        backend,
        folder,
        path,
    }
}

impl World {
    /// Stops cleanly; what is left can be started again.
    pub(crate) fn stopped(self) -> Stopped {
        self.authority.stop(&self.folder).unwrap();
        Stopped {
            clock: self.clock,
            backend: self.backend,
            path: self.path,
        }
    }

    /// Stops cleanly and starts again.
    pub(crate) fn restart(self) -> Self {
        self.stopped().start()
    }
}

/// What is left of an authority that was stopped.
pub(crate) struct Stopped {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) backend: Arc<InMemoryBackend>,
    pub(crate) path: tempfile::TempDir,
}

impl Stopped {
    /// Starts it again.
    pub(crate) fn start(self) -> World {
        start(self.path, self.clock, self.backend)
    }

    /// The same without the store: the next start rebuilds it.
    pub(crate) fn without_store(self) -> Self {
        let folder = DataFolder::open(self.path.path()).unwrap();
        StoreState::of(&folder).remove().unwrap();
        self
    }
}

/// The embedded documents with that script.
pub(crate) fn documents(script: &str) -> Documents<'_> {
    let profiles = Profiles::embedded_files();
    Documents {
        script,
        timeline: OVERLAP_TIMELINE_TOML,
        profiles,
    }
}

fn template() -> Template {
    let path = tempfile::tempdir().unwrap();
    let folder = DataFolder::open_or_create(path.path()).unwrap();
    let clock = Arc::new(ManualClock::new(now()));
    let backend = Arc::new(InMemoryBackend::new());
    let script = Script::from_toml(SCRIPT).unwrap();
    let parts = parts(&clock, &backend);
    Authority::begin(&folder, &parts, &script.authority, &documents(SCRIPT)).unwrap();
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    ceremony::run(&authority, SCRIPT, &mut |_| {}).unwrap();
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    authority
        .register_facility(&Actor::system(), &code, 2)
        .unwrap();
    authority.stop(&folder).unwrap();
    Template { path, backend }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// An order for terminal `number` of the sample facility, with that key and an empty subject.
pub(crate) fn terminal_order(profile: &str, number: u16, key: &rcgen::KeyPair) -> IssueOrder {
    let identity = format!("facility/{FACILITY}/{number}");
    IssueOrder {
        profile: profile.to_owned(),
        identity: Identity::parse(&identity, CheckDigit::Enforce).unwrap(),
        request: request(key),
        request_key: None,
        renews: None,
    }
}

/// A PKCS#10 request with an empty subject.
pub(crate) fn request(key: &rcgen::KeyPair) -> EnrolmentRequest {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let csr = params.serialize_request(key).unwrap();
    EnrolmentRequest::parse(csr.der(), &WeakKeys::built_in().unwrap()).unwrap()
}

pub(crate) fn requester() -> Requester {
    Requester::local_user(1000)
}

/// The RSA key of every test: one, because a new one takes its time.
pub(crate) fn rsa2048() -> &'static rcgen::KeyPair {
    static KEY: OnceLock<rcgen::KeyPair> = OnceLock::new();
    KEY.get_or_init(|| {
        rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap()
    })
}

pub(crate) fn p384() -> rcgen::KeyPair {
    rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap()
}
