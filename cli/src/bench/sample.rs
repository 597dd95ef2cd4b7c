//! A small authority for measuring: one ECC hierarchy, keys in memory, storage on the real disk.

use std::path::Path;
use std::sync::Arc;

use kasane_ca_core::authority::{Authority, Devices, Documents, IssueOrder, Parts};
use kasane_ca_core::ceremony::{self, Script};
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::fail_point::NoFailPoints;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::profile::Profiles;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::registration::{CheckDigit, FacilityCode, Identity};
use kasane_ca_core::{Actor, Requester};
use kasane_hsm::{KeyBackend, SoftwareBackend};
use kasane_verify::crypto::AwsLc;
use kasane_verify::policy::OVERLAP_TIMELINE_TOML;
use zeroize::Zeroizing;

use super::BenchError;

/// One root, one issuing CA: what issuing a terminal's ECC certificate needs.
const SCRIPT: &str = r#"
[authority]
mode = "demo"
timeline = "demonstration"
origin = "bench.kasane.example/ledger"
organization = "Kasane Benchmark"
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
common_name = "Benchmark Root"

[[certificate]]
name = "issuing-ecc-terminal"
profile = "issuing-ecc-terminal"
issuer = "root-ecc"
key = "issuing-ecc-terminal"
common_name = "Benchmark Issuing"
crl_shards = 16
"#;

/// The same with every certificate in one CRL.
pub(super) fn one_crl_script() -> String {
    SCRIPT.replace("crl_shards = 16", "crl_shards = 1")
}

/// A facility whose check digit is right.
pub(super) const FACILITY: &str = "1312345679";

/// The authority and the folder it holds.
pub(super) struct Sample {
    pub(super) authority: Arc<Authority>,
    pub(super) folder: DataFolder,
}

impl Sample {
    /// Makes it in `path` and registers a facility with as many terminals as can be.
    pub(super) fn make(path: &Path, backend: Arc<dyn KeyBackend>) -> Result<Self, BenchError> {
        Self::make_by(SCRIPT, path, backend)
    }

    /// The same by another script.
    pub(super) fn make_by(
        text: &str,
        path: &Path,
        backend: Arc<dyn KeyBackend>,
    ) -> Result<Self, BenchError> {
        let folder = DataFolder::open_or_create(path).map_err(kasane_ca_core::Error::from)?;
        let script =
            Script::from_toml(text).map_err(|error| BenchError::Prepare(error.to_string()))?;
        let documents = Documents {
            script: text,
            timeline: OVERLAP_TIMELINE_TOML,
            profiles: Profiles::embedded_files(),
        };
        Authority::begin(
            &folder,
            &parts(Arc::clone(&backend))?,
            &script.authority,
            &documents,
        )?;
        let sample = Self::start(folder, backend)?;
        ceremony::run(&sample.authority, text, &mut |_| {})?;
        let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce)
            .map_err(kasane_ca_core::Error::from)?;
        sample
            .authority
            .register_facility(&Actor::system(), &code, 9_999)?;
        Ok(sample)
    }

    /// Starts it again.
    pub(super) fn start(
        folder: DataFolder,
        backend: Arc<dyn KeyBackend>,
    ) -> Result<Self, BenchError> {
        let (authority, _) = Authority::start(&folder, parts(backend)?, &mut |_, _| {})?;
        Ok(Self { authority, folder })
    }
}

/// The requester of every benchmark.
pub(super) fn requester() -> Requester {
    Requester::local_user(rustix::process::getuid().as_raw())
}

/// A terminal's PKCS#10 request with a fresh P-384 key and an empty subject, DER.
pub(super) fn request() -> Result<Vec<u8>, BenchError> {
    let failed = |error: rcgen::Error| BenchError::Prepare(error.to_string());
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).map_err(failed)?;
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    Ok(parameters
        .serialize_request(&key)
        .map_err(failed)?
        .der()
        .to_vec())
}

/// An order for terminal `number`.
pub(super) fn order(
    authority: &Authority,
    number: u64,
    request: &[u8],
) -> Result<IssueOrder, BenchError> {
    let identity = format!("facility/{FACILITY}/{}", number % 9_999 + 1);
    let identity =
        Identity::parse(&identity, CheckDigit::Enforce).map_err(kasane_ca_core::Error::from)?;
    let request = authority.read_request(request)?;
    let profile = "terminal-ecc".to_owned();
    Ok(IssueOrder {
        profile,
        identity,
        request,
        request_key: None,
        renews: None,
    })
}

/// Where a benchmark works: on the disk that data folders use, not in memory.
pub(super) fn workplace(dir: Option<&Path>) -> Result<tempfile::TempDir, BenchError> {
    let base = dir.unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(base)?;
    Ok(tempfile::Builder::new()
        .prefix("kasane-bench-")
        .tempdir_in(base)?)
}

/// Software keys in the folder. Their passphrase is public: they protect nothing.
pub(super) fn backend(dir: &Path) -> Result<Arc<dyn KeyBackend>, BenchError> {
    let passphrase = Zeroizing::new(b"benchmark keys protect nothing".to_vec());
    let backend = SoftwareBackend::open(&dir.join("keys"), passphrase)
        .map_err(|error| BenchError::Prepare(error.to_string()))?;
    Ok(Arc::new(backend))
}

fn parts(backend: Arc<dyn KeyBackend>) -> Result<Parts, BenchError> {
    Ok(Parts {
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend,
        fail_points: Arc::new(NoFailPoints),
        weak_keys: WeakKeys::built_in().map_err(|error| BenchError::Prepare(error.to_string()))?,
        devices: Devices::default(),
    })
}

/// A PKCS#10 request taken apart.
pub(super) struct SignedParts {
    /// The key, DER `SubjectPublicKeyInfo`.
    pub(super) spki: Vec<u8>,
    /// The signed part.
    pub(super) info: Vec<u8>,
    /// The signature over it.
    pub(super) signature: Vec<u8>,
}

/// What the signature check of a request needs, without the request's parser.
pub(super) fn signed_parts(request: &[u8]) -> Result<SignedParts, BenchError> {
    use der::{Decode, Encode};
    let failed = |error: der::Error| BenchError::Prepare(error.to_string());
    let parsed = x509_cert::request::CertReq::from_der(request).map_err(failed)?;
    Ok(SignedParts {
        spki: parsed.info.public_key.to_der().map_err(failed)?,
        info: parsed.info.to_der().map_err(failed)?,
        signature: parsed.signature.raw_bytes().to_vec(),
    })
}
