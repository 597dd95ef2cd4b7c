//! An authority with the elliptic-curve half of a hierarchy, keys in memory.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kasane_ca_core::authority::{Devices, Documents, Parts};
use kasane_ca_core::ceremony::{self, Script};
use kasane_ca_core::clock::ManualClock;
use kasane_ca_core::fail_point::NoFailPoints;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::profile::Profiles;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::{Authority, Requester};
use kasane_hsm::{InMemoryBackend, KeyBackend};
use kasane_verify::crypto::AwsLc;
use kasane_verify::policy::OVERLAP_TIMELINE_TOML;

use crate::control::*;

pub(super) const FACILITY: &str = "1312345679";

const SCRIPT: &str = r#"
[authority]
mode = "demo"
timeline = "demonstration"
origin = "kasane.example/ledger"
organization = "Kasane Demonstration"
operator_domain = "kasane.example"
status_url = "http://127.0.0.1:8080"

[[key]]
label = "root-ecc"
role = "root-ca"
algorithm = "p-384"

[[key]]
label = "issuing-ecc-terminal"
role = "issuing-ca"
algorithm = "p-384"

[[certificate]]
name = "root-ecc"
profile = "root-ecc"
issuer = "root-ecc"
key = "root-ecc"
common_name = "Test Root ECC"

[[certificate]]
name = "issuing-ecc-terminal"
profile = "issuing-ecc-terminal"
issuer = "root-ecc"
key = "issuing-ecc-terminal"
common_name = "Test Issuing ECC Terminal"
crl_shards = 16
"#;

pub(super) struct World {
    pub(super) context: Context,
    pub(super) path: tempfile::TempDir,
    _folder: DataFolder,
}

impl World {
    /// After its ceremony, with a facility of two terminals.
    pub(super) fn new() -> Self {
        Self::with(&Arc::new(InMemoryBackend::new()))
    }

    /// The same twice, with the same keys.
    pub(super) fn twins() -> [Self; 2] {
        let backend = Arc::new(InMemoryBackend::new());
        let Self { context, path, .. } = Self::with(&backend);
        drop(context);
        let copied = tempfile::tempdir().unwrap();
        let copy = std::process::Command::new("cp")
            .arg("-rp")
            .arg(path.path().join("."))
            .arg(copied.path())
            .status();
        assert!(copy.unwrap().success());
        [path, copied].map(|path| {
            let folder = DataFolder::open(path.path()).unwrap();
            let parts = parts(&backend);
            let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
            Self {
                context: Context::new(authority),
                path,
                _folder: folder,
            }
        })
    }

    fn with(backend: &Arc<InMemoryBackend>) -> Self {
        Self::of(parts(backend))
    }

    /// The same, of parts that are not those of every test.
    pub(super) fn of(parts: Parts) -> Self {
        let path = tempfile::tempdir().unwrap();
        let folder = DataFolder::open_or_create(path.path()).unwrap();
        let script = Script::from_toml(SCRIPT).unwrap();
        let documents = Documents {
            script: SCRIPT,
            timeline: OVERLAP_TIMELINE_TOML,
            profiles: Profiles::embedded_files(),
        };
        Authority::begin(&folder, &parts, &script.authority, &documents).unwrap();
        let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
        ceremony::run(&authority, SCRIPT, &mut |_| {}).unwrap();
        let world = Self {
            context: Context::new(authority),
            path,
            _folder: folder,
        };
        world
            .ask(Request::FacilityAdd(FacilityAdd {
                code: FACILITY.into(),
                terminals: 2,
                contact: Some("front desk".into()),
            }))
            .unwrap();
        world
    }

    pub(super) fn ask(&self, request: Request) -> Result<Response, Problem> {
        dispatch(&self.context, request, &Requester::local_user(1000))
    }

    /// The code of a refusal.
    pub(super) fn refusal(&self, request: Request) -> (String, ExitClass) {
        let problem = self.ask(request).unwrap_err();
        (problem.code, problem.class)
    }

    /// Why a chain is not trusted.
    pub(super) fn untrusted(&self, request: Request) -> Refusal {
        match self.ask(request).unwrap() {
            Response::Verified(report) => report.refusal.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn issue(&self, terminal: u16) -> IssuedCertificate {
        match self.ask(Request::Issue(order(terminal, None))).unwrap() {
            Response::Issued(issued) => issued,
            other => panic!("{other:?}"),
        }
    }
}

pub(super) fn manual_clock() -> ManualClock {
    ManualClock::new("2026-11-20 12:00 JST".parse().unwrap())
}

pub(super) fn parts(backend: &Arc<InMemoryBackend>) -> Parts {
    Parts {
        clock: Arc::new(manual_clock()),
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend: Arc::clone(backend) as Arc<dyn KeyBackend>,
        fail_points: Arc::new(NoFailPoints),
        weak_keys: WeakKeys::built_in().unwrap(),
        devices: Devices::default(),
    }
}

/// A request by a new key.
pub(super) fn csr_base64() -> String {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    STANDARD.encode(params.serialize_request(&key).unwrap().der())
}

pub(super) fn order(terminal: u16, request_key: Option<&str>) -> Issue {
    Issue {
        profile: "terminal-ecc".into(),
        identity: format!("facility/{FACILITY}/{terminal}"),
        csr_base64: csr_base64(),
        request_key: request_key.map(str::to_owned),
    }
}

pub(super) fn list() -> List {
    List {
        issuer: None,
        subject: None,
        state: None,
        limit: 100,
    }
}

pub(super) fn revoke(serial: &str) -> Request {
    Request::Revoke(Revoke {
        serial: serial.into(),
        issuer: None,
        reason: "superseded".into(),
        invalidity_date: None,
    })
}
