//! OCSP requests as a responder gets them, in a path and in a body: raw, and as a good one with
//! octets changed; at the address of an issuer, of another, and of all.
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
use kasane_ocsp::{OcspPath, OcspResponseStatus, Responder, decode_get};
use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
use kasane_verify::ocsp::{CertId, Nonce, OcspRequest, OcspResponse};
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

[[key]]
label = "issuing-ecc-server"
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

[[certificate]]
name = "issuing-ecc-server"
profile = "issuing-ecc-server"
issuer = "root-ecc"
key = "issuing-ecc-server"
common_name = "Fuzzing Servers"
crl_shards = 16
"#;

const ISSUERS: [&str; 2] = ["issuing-ecc-terminal", "issuing-ecc-server"];

struct World {
    authority: Arc<Authority>,
    responder: Responder,
    /// Requests about the OCSP signers' own certificates, which exist, and others.
    good: Vec<Vec<u8>>,
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
    let rolled = responder.ensure_signers(authority.now()).rolled;
    let id = |digest, name: &str, serial: Option<&[u8]>| {
        let signer = rolled.iter().find(|it| it.issuer == name).unwrap();
        let issuer = authority.issuer(name).unwrap();
        let (subject, spki) = (&issuer.signer.subject_der, &issuer.spki);
        CertId::new(&AwsLc, digest, subject, spki, serial.unwrap_or(&signer.serial)).unwrap()
    };
    let nonce = Nonce::new(&[7; 32]).unwrap();
    let [first, second] = ISSUERS.map(|name| id(DigestAlgorithm::Sha256, name, None));
    let never_used = id(DigestAlgorithm::Sha256, ISSUERS[0], Some(&[5]));
    let by_sha1 = id(DigestAlgorithm::Sha1, ISSUERS[0], None);
    // Seeds name them by their places.
    let good = [
        (vec![first.clone()], None),
        (vec![first.clone()], Some(&nonce)),
        (vec![first.clone(), never_used], None),
        (vec![second.clone()], None),
        (vec![first, second], Some(&nonce)),
        (vec![by_sha1], None),
    ]
    .map(|(ids, nonce)| OcspRequest::new(ids, nonce).unwrap().encode_der().unwrap())
    .to_vec();
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
    // Two bits say what follows, three which good request, the rest which address.
    let mut issuer = match kind >> 5 {
        0 | 1 => Some(ISSUERS[0]),
        2 | 3 => Some(ISSUERS[1]),
        4 => Some("nobody"),
        _ => None,
    };
    let request = match kind % 4 {
        0 => data.to_vec(),
        1 | 3 => {
            let Ok(mut path) = std::str::from_utf8(data) else {
                return;
            };
            // All of a path, or what follows the address.
            if kind % 4 == 3 {
                let Some(parsed) = OcspPath::parse(path) else {
                    return;
                };
                issuer = parsed.issuer;
                path = parsed.request;
            }
            decode_get(path).unwrap_or_default()
        }
        // Pairs of a place and what it is changed by; one past the end makes it longer.
        _ => {
            let good = usize::from(kind >> 2 & 7) % world.good.len();
            let mut request = world.good[good].clone();
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
    let prepared = world.responder.prepared(issuer, &request, now);
    let response = world.responder.respond(issuer, &request, now);
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
