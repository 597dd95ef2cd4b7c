//! OCSP requests as a responder gets them, in a path and in a body: raw, and as a good one with
//! octets changed.
#![no_main]

use std::sync::{Arc, LazyLock};

use kasane_ca_core::authority::{Authority, Devices, Documents, Parts};
use kasane_ca_core::ceremony::{self, Script};
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::fail_point::NoFailPoints;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::profile::Profiles;
use kasane_ca_core::random::SystemRandom;
use kasane_hsm::InMemoryBackend;
use kasane_ocsp::{OcspResponseStatus, Responder, decode_get};
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{CertId, OcspRequest, OcspResponse};
use kasane_verify::policy::OVERLAP_TIMELINE_TOML;
use libfuzzer_sys::fuzz_target;

/// One hierarchy of elliptic curves: its keys are made at once.
const SCRIPT: &str = r#"
[authority]
mode = "demo"
timeline = "demonstration"
origin = "fuzz.kasane.example/ledger"
organization = "Kasane Fuzzing"
operator_domain = "kasane.example"
status_url = "http://status.kasane.example"

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
common_name = "Fuzzing Root"

[[certificate]]
name = "issuing-ecc-terminal"
profile = "issuing-ecc-terminal"
issuer = "root-ecc"
key = "issuing-ecc-terminal"
common_name = "Fuzzing Issuing"
crl_shards = 16
"#;

const ISSUER: &str = "issuing-ecc-terminal";

struct World {
    authority: Arc<Authority>,
    responder: Responder,
    /// Asks about the OCSP signer's own certificate, which exists.
    good: Vec<u8>,
    _folder: (DataFolder, tempfile::TempDir),
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let place = tempfile::tempdir().unwrap();
    let folder = DataFolder::open_or_create(place.path()).unwrap();
    let parts = Parts {
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend: Arc::new(InMemoryBackend::new()),
        fail_points: Arc::new(NoFailPoints),
        weak_keys: WeakKeys::built_in().unwrap(),
        devices: Devices::default(),
    };
    let script = Script::from_toml(SCRIPT).unwrap();
    let documents = Documents {
        script: SCRIPT,
        timeline: OVERLAP_TIMELINE_TOML,
        profiles: Profiles::embedded_files(),
    };
    Authority::begin(&folder, &parts, &script.authority, &documents).unwrap();
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    ceremony::run(&authority, SCRIPT, &mut |_| {}).unwrap();
    let responder = Responder::with_cache(Arc::clone(&authority), 1024 * 1024);
    let rolled = responder.ensure_signers(authority.now());
    let serial = &rolled.rolled[0].serial;
    let issuer = authority.issuer(ISSUER).unwrap();
    let (name, spki) = (&issuer.signer.subject_der, &issuer.spki);
    let id = CertId::new(&AwsLc, DigestAlgorithm::Sha256, name, spki, serial).unwrap();
    let good = OcspRequest::new(vec![id], None).unwrap().encode_der().unwrap();
    World {
        authority,
        responder,
        good,
        _folder: (folder, place),
    }
});

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    let world = &*WORLD;
    let request = match kind % 3 {
        0 => data.to_vec(),
        1 => {
            let Ok(path) = std::str::from_utf8(data) else {
                return;
            };
            decode_get(path).unwrap_or_default()
        }
        // Pairs of a place and what it is changed by; one past the end makes it longer.
        _ => {
            let mut request = world.good.clone();
            for pair in data.chunks_exact(2) {
                match request.get_mut(usize::from(pair[0])) {
                    Some(octet) => *octet ^= pair[1],
                    None => request.push(pair[1]),
                }
            }
            request
        }
    };
    let now = world.authority.now();
    let prepared = world.responder.prepared(Some(ISSUER), &request, now);
    let response = world.responder.respond(Some(ISSUER), &request, now);
    let read = OcspResponse::parse(&response.der).unwrap();
    assert_eq!(read.response_status, response.status);
    assert_ne!(response.status, OcspResponseStatus::InternalError);
    if response.status == OcspResponseStatus::Successful {
        read.basic().unwrap();
    }
    // The fast way never says what the long way would not.
    if let Some(prepared) = prepared {
        assert_eq!(prepared.der, response.der);
    }
});
