//! A whole authority in a temporary folder, with keys in memory.

use std::sync::Arc;

use kasane_ca_core::authority::{Authority, Documents, IssueOrder, Parts};
use kasane_ca_core::ceremony::{self, Script};
use kasane_ca_core::clock::{Clock, ManualClock};
use kasane_ca_core::fail_point::NoFailPoints;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::profile::Profiles;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::registration::{CheckDigit, FacilityCode, Identity};
use kasane_ca_core::request::EnrolmentRequest;
use kasane_ca_core::{Actor, Requester};
use kasane_hsm::{InMemoryBackend, KeyBackend};
use kasane_verify::UnixTime;
use kasane_verify::crypto::AwsLc;
use kasane_verify::policy::OVERLAP_TIMELINE_TOML;

/// The script of the demonstration: small RSA keys would not be of the profiles, so it is slow once.
pub const SCRIPT: &str = include_str!("../../../policy/ceremony/quickstart.toml");

/// A facility whose check digit is right.
pub const FACILITY: &str = "1312345679";

pub struct World {
    pub authority: Arc<Authority>,
    pub clock: Arc<ManualClock>,
    pub backend: Arc<InMemoryBackend>,
    pub folder: Option<DataFolder>,
    pub path: tempfile::TempDir,
}

pub fn now() -> UnixTime {
    "2026-11-20 12:00 JST".parse().unwrap()
}

pub fn parts(clock: &Arc<ManualClock>, backend: &Arc<InMemoryBackend>) -> Parts {
    Parts {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend: Arc::clone(backend) as Arc<dyn KeyBackend>,
        fail_points: Arc::new(NoFailPoints),
        weak_keys: WeakKeys::built_in().unwrap(),
    }
}

/// An authority after its ceremony, with one facility of two terminals.
pub fn world() -> World {
    let path = tempfile::tempdir().unwrap();
    let folder = DataFolder::open_or_create(path.path()).unwrap();
    let clock = Arc::new(ManualClock::new(now()));
    let backend = Arc::new(InMemoryBackend::new());
    let script = Script::from_toml(SCRIPT).unwrap();
    let documents = Documents {
        script: SCRIPT,
        timeline: OVERLAP_TIMELINE_TOML,
        profiles: Profiles::embedded_files(),
    };
    let parts = parts(&clock, &backend);
    Authority::begin(&folder, &parts, &script.authority, &documents).unwrap();
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    ceremony::run(&authority, SCRIPT, &mut |_| {}).unwrap();
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    authority
        .register_facility(&Actor::system(), &code, 2)
        .unwrap();
    World {
        authority,
        clock,
        backend,
        folder: Some(folder),
        path,
    }
}

/// An order for terminal `number` of the sample facility, with a fresh key of that kind.
pub fn terminal_order(profile: &str, number: u16, key: &rcgen::KeyPair) -> IssueOrder {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let csr = params.serialize_request(key).unwrap();
    let request = EnrolmentRequest::parse(csr.der(), &WeakKeys::built_in().unwrap()).unwrap();
    IssueOrder {
        profile: profile.to_owned(),
        identity: Identity::parse(
            &format!("facility/{FACILITY}/{number}"),
            CheckDigit::Enforce,
        )
        .unwrap(),
        request,
        request_key: None,
        renews: None,
    }
}

pub fn requester() -> Requester {
    Requester::local_user(1000)
}

pub fn p384() -> rcgen::KeyPair {
    rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap()
}
