//! An authority that took over a hierarchy of elliptic curves from another program.

use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::Actor;
use kasane_ca_core::authority::{Authority, CertificateImport};
use kasane_ca_core::ceremony::Script;
use kasane_ca_core::clock::ManualClock;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::registration::{CheckDigit, FacilityCode};
use kasane_hsm::{InMemoryBackend, KeyBackend, KeyLabel, KeyRole, Priority, SignRequest};
use kasane_verify::crypto::{AwsLc, CryptoProvider, DigestAlgorithm};
use kasane_verify::spki::key_bytes;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm, UnixTime};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, KeyUsagePurpose,
    PublicKeyData, SerialNumber, SigningKey, date_time_ymd,
};

use super::{FACILITY, World, documents, now, parts};

const ROOT: &str = "root-ecc";
const ISSUING: &str = "issuing-ecc-terminal";

const SCRIPT: &str = r#"
[authority]
mode = "demo"
timeline = "demonstration"
origin = "kasane.example/taken-over"
organization = "Kasane Demonstration"
operator_domain = "kasane.example"
status_url = "http://127.0.0.1:8080"
"#;

/// Where the issuing CA's key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IssuingKey {
    /// By the program of before, which issued with it.
    Before,
    /// Here; only its certificate was made there.
    Here,
}

/// A key in the authority's backend, for whoever uses it behind its back.
struct OldKey {
    key: Arc<dyn kasane_hsm::SigningKey>,
    point: Vec<u8>,
}

impl OldKey {
    fn open(backend: &InMemoryBackend, label: &str, role: KeyRole) -> Self {
        let key = backend.open(&KeyLabel::new(label).unwrap(), role).unwrap();
        let point = key_bytes(&key.info().spki).unwrap().to_vec();
        Self { key, point }
    }
}

impl PublicKeyData for OldKey {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P384_SHA384
    }
}

impl SigningKey for OldKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let request = SignRequest {
            algorithm: SignatureAlgorithm::EcdsaSha384,
            message,
            priority: Priority::Issuance,
            deadline: Duration::from_secs(60),
        };
        Ok(self.key.sign(&request).unwrap().octets)
    }
}

fn ca(name: &str, below: BasicConstraints) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let names = &mut params.distinguished_name;
    names.push(DnType::CommonName, name.to_owned());
    params.is_ca = IsCa::Ca(below);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2034, 1, 1);
    params
}

/// An authority that has nothing but a root and the issuing CA of terminals, taken over a minute ago, and
/// one facility of two terminals. `last_crl_number` is what the program of before counted to.
pub(crate) fn world(issuing_key: IssuingKey, last_crl_number: u64) -> World {
    world_at(now(), issuing_key, last_crl_number)
}

/// The same, taken over at `at`.
pub(crate) fn world_at(at: UnixTime, issuing_key: IssuingKey, last_crl_number: u64) -> World {
    let path = tempfile::tempdir().unwrap();
    let folder = DataFolder::open_or_create(path.path()).unwrap();
    let clock = Arc::new(ManualClock::new(at));
    let backend = Arc::new(InMemoryBackend::new());
    let parts = parts(&clock, &backend);
    let script = Script::from_toml(SCRIPT).unwrap();
    Authority::begin(&folder, &parts, &script.authority, &documents(SCRIPT)).unwrap();
    let (authority, recovered) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    let actor = Actor::ceremony();
    let mut keys = vec![("old-root", KeyRole::RootCa)];
    let issuing_label = match issuing_key {
        IssuingKey::Before => {
            keys.push(("old-issuing", KeyRole::IssuingCa));
            "old-issuing"
        }
        IssuingKey::Here => {
            let label = KeyLabel::new(ISSUING).unwrap();
            let role = KeyRole::IssuingCa;
            authority
                .generate_key(&actor, &label, role, KeyAlgorithm::P384)
                .unwrap();
            ISSUING
        }
    };
    for (label, role) in keys {
        let label = KeyLabel::new(label).unwrap();
        backend.generate(&label, role, KeyAlgorithm::P384).unwrap();
    }
    let root = ca("Old Root", BasicConstraints::Unconstrained);
    let root_key = OldKey::open(&backend, "old-root", KeyRole::RootCa);
    let issuing_key = OldKey::open(&backend, issuing_label, KeyRole::IssuingCa);
    let by = rcgen::Issuer::from_params(&root, &root_key);
    let certificates = [
        (ROOT, "old-root", 1, root.self_signed(&root_key).unwrap()),
        (
            ISSUING,
            issuing_label,
            16,
            issuing().signed_by(&issuing_key, &by).unwrap(),
        ),
    ];
    for (name, key_label, crl_shards, certificate) in certificates {
        let certificate = certificate.der().to_vec();
        let digest = AwsLc.digest(DigestAlgorithm::Sha256, &certificate);
        let order = CertificateImport {
            name: name.to_owned(),
            profile: name.to_owned(),
            sha256: digest.as_ref().try_into().unwrap(),
            certificate,
            key_label: Some(KeyLabel::new(key_label).unwrap()),
            crl_shards,
            last_crl_number,
        };
        authority.import_certificate(&actor, &order).unwrap();
    }
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    authority
        .register_facility(&Actor::system(), &code, 2)
        .unwrap();
    clock.set(at.plus_seconds(60));
    World {
        authority,
        clock,
        backend,
        recovered,
        folder,
        path,
    }
}

fn issuing() -> CertificateParams {
    ca("Old Issuing", BasicConstraints::Constrained(0))
}

/// A certificate (serial number, DER) that the program of before made with the issuing CA's key.
pub(crate) fn certificate_of_before(world: &World) -> (Vec<u8>, Vec<u8>) {
    certificate_that_names(world, None)
}

/// The same, with the address of an OCSP responder in it.
pub(crate) fn certificate_that_names(world: &World, ocsp: Option<&str>) -> (Vec<u8>, Vec<u8>) {
    let key = OldKey::open(&world.backend, "old-issuing", KeyRole::IssuingCa);
    let params = issuing();
    let by = rcgen::Issuer::from_params(&params, &key);
    let serial = vec![0x05, 0x39, 0x11, 0x07];
    let mut terminal = CertificateParams::default();
    terminal.serial_number = Some(SerialNumber::from_slice(&serial));
    terminal.use_authority_key_identifier_extension = true;
    terminal.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    terminal.not_before = date_time_ymd(2025, 4, 1);
    terminal.not_after = date_time_ymd(2028, 4, 1);
    if let Some(url) = ocsp {
        // AuthorityInfoAccessSyntax with one id-ad-ocsp.
        let purpose = [0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 1];
        let access = tlv(0x30, &[&purpose[..], &tlv(0x86, url.as_bytes())].concat());
        terminal
            .custom_extensions
            .push(CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 5, 5, 7, 1, 1],
                tlv(0x30, &access),
            ));
    }
    let der = terminal.signed_by(&super::p384(), &by).unwrap();
    (serial, der.der().to_vec())
}

/// Short content under a tag.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    assert!(length < 0x80);
    [&[tag, length][..], content].concat()
}
