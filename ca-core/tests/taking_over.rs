//! Certificates, CRLs and keys that come from outside, and keys that are away.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use common::{World, documents, p384, parts, requester, terminal_order, world};
use der::asn1::{Any, BitString};
use der::{Decode, Encode};
use kasane_ca_core::authority::{Authority, CertificateImport, Status};
use kasane_ca_core::ceremony::Script;
use kasane_ca_core::clock::ManualClock;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::{Actor, Error};
use kasane_hsm::{
    Attestation, BackendKind, InMemoryBackend, KeyBackend, KeyInfo, KeyLabel, KeyRole, Priority,
    SignRequest, Signature, SigningKey,
};
use kasane_ledger_schema::Event;
use kasane_verify::KeyAlgorithm;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, CryptoProvider, DigestAlgorithm};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};

fn ca(name: &str, below: BasicConstraints) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, name.to_owned());
    params.is_ca = IsCa::Ca(below);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2034, 1, 1);
    params
}

fn order(name: &str, profile: &str, certificate: &[u8]) -> CertificateImport {
    let digest = AwsLc.digest(DigestAlgorithm::Sha256, certificate);
    CertificateImport {
        name: name.to_owned(),
        profile: profile.to_owned(),
        certificate: certificate.to_vec(),
        sha256: digest.as_ref().try_into().unwrap(),
        key_label: None,
        crl_shards: 1,
        last_crl_number: 0,
    }
}

/// A root elsewhere with an issuing CA that it has revoked.
struct Elsewhere {
    root: Vec<u8>,
    issuing: Vec<u8>,
    crl: Vec<u8>,
}

fn elsewhere() -> Elsewhere {
    let root_key = p384();
    let root = ca("Other Root", BasicConstraints::Unconstrained);
    let mut issuing = ca("Other Issuing", BasicConstraints::Constrained(0));
    issuing.serial_number = Some(SerialNumber::from_slice(&[0x04, 0xd2]));
    issuing.use_authority_key_identifier_extension = true;
    let issuer = Issuer::from_params(&root, &root_key);
    let crl = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 11, 1),
        next_update: date_time_ymd(2027, 11, 1),
        crl_number: SerialNumber::from_slice(&[7]),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from_slice(&[0x04, 0xd2]),
            revocation_time: date_time_ymd(2026, 10, 1),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    Elsewhere {
        root: root.self_signed(&root_key).unwrap().der().to_vec(),
        issuing: issuing.signed_by(&p384(), &issuer).unwrap().der().to_vec(),
        crl: crl.signed_by(&issuer).unwrap().der().to_vec(),
    }
}

fn is_revoked(world: &World) -> bool {
    let status = world.authority.status("other-root", &[0x04, 0xd2]).unwrap();
    matches!(status, Status::Revoked { .. })
}

#[test]
fn revocation_counts_although_its_crl_came_before_the_certificate() {
    let (world, other) = (world(), elsewhere());
    let (authority, actor) = (&world.authority, Actor::ceremony());
    authority
        .import_certificate(&actor, &order("other-root", "root-ecc", &other.root))
        .unwrap();
    let crl = authority
        .import_crl(&actor, "other-root", &other.crl)
        .unwrap();
    assert!(crl.revoked.is_empty(), "nothing known yet: {crl:?}");
    let issuing = order("other-issuing", "issuing-ecc-server", &other.issuing);
    authority.import_certificate(&actor, &issuing).unwrap();
    assert!(is_revoked(&world));
    // Once.
    let size = authority.ledger().size();
    let again = authority.import_certificate(&actor, &issuing).unwrap();
    assert!(again.done_before);
    let crl = authority
        .import_crl(&actor, "other-root", &other.crl)
        .unwrap();
    assert!(crl.done_before && crl.revoked.is_empty(), "{crl:?}");
    assert_eq!(authority.ledger().size(), size);
}

#[test]
fn last_crl_number_that_leaves_no_room_is_refused() {
    let (world, other) = (world(), elsewhere());
    let mut root = order("other-root", "root-ecc", &other.root);
    root.last_crl_number = u64::MAX;
    let refused = world
        .authority
        .import_certificate(&Actor::ceremony(), &root)
        .unwrap_err();
    assert_eq!(refused.code(), "argument.bad", "{refused}");
}

#[test]
fn certificate_that_a_key_of_here_signed_elsewhere_is_refused() {
    let world = world();
    let issuing = world.authority.issuer("issuing-ecc-terminal").unwrap();
    let root = world.authority.issuer("root-ecc").unwrap();
    let der = &issuing.certificate_der;
    let mut parts = Vec::<Any>::from_der(der).unwrap();
    let certificate = Certificate::from_der(der).unwrap();
    let (mut tbs, serial) = (certificate.tbs().to_vec(), certificate.serial());
    let at = tbs
        .windows(serial.len())
        .position(|window| window == serial)
        .unwrap();
    tbs[at + serial.len() - 1] ^= 1;
    let key = world
        .backend
        .open(root.signer.key_label.as_ref().unwrap(), KeyRole::RootCa)
        .unwrap();
    let signature = key
        .sign(&SignRequest {
            algorithm: root.signer.signature_algorithm(),
            message: &tbs,
            priority: Priority::Issuance,
            deadline: Duration::from_secs(60),
        })
        .unwrap();
    parts[0] = Any::from_der(&tbs).unwrap();
    let signature = BitString::from_bytes(&signature.octets).unwrap();
    parts[2] = Any::from_der(&signature.to_der().unwrap()).unwrap();
    let shadow = order("shadow", "issuing-ecc-terminal", &parts.to_der().unwrap());
    let refused = world
        .authority
        .import_certificate(&Actor::ceremony(), &shadow)
        .unwrap_err();
    assert_eq!(refused.code(), "import.signed-here", "{refused}");
}

/// Keys in memory, behind a device with faults.
#[derive(Debug)]
struct Faulty {
    keys: Arc<InMemoryBackend>,
    /// Every key is unreachable.
    unreachable: bool,
    /// This one is not there.
    lost: AtomicBool,
    /// Signatures of issuing CAs are wrong.
    wrong: bool,
    generated: AtomicUsize,
}

const LOST: &str = "issuing-ecc-server";

impl Faulty {
    fn new(keys: Arc<InMemoryBackend>) -> Self {
        Self {
            keys,
            unreachable: false,
            lost: AtomicBool::new(false),
            wrong: false,
            generated: AtomicUsize::new(0),
        }
    }
}

#[derive(Debug)]
struct WrongKey(Arc<dyn SigningKey>);

impl SigningKey for WrongKey {
    fn info(&self) -> &KeyInfo {
        self.0.info()
    }

    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, kasane_hsm::Error> {
        let other = SignRequest {
            message: b"something else",
            ..*request
        };
        self.0.sign(&other)
    }
}

impl KeyBackend for Faulty {
    fn kind(&self) -> BackendKind {
        self.keys.kind()
    }

    fn describe(&self) -> String {
        self.keys.describe()
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, kasane_hsm::Error> {
        self.generated.fetch_add(1, Ordering::SeqCst);
        self.keys.generate(label, role, algorithm)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, kasane_hsm::Error> {
        self.keys.keys()
    }

    fn open(
        &self,
        label: &KeyLabel,
        role: KeyRole,
    ) -> Result<Arc<dyn SigningKey>, kasane_hsm::Error> {
        if self.unreachable {
            return Err(kasane_hsm::Error::Unreachable {
                backend: "device a".to_owned(),
                reason: "no route".to_owned(),
            });
        }
        if self.lost.load(Ordering::SeqCst) && label.as_str() == LOST {
            return Err(kasane_hsm::Error::KeyNotFound {
                label: label.clone(),
                backend: "device a".to_owned(),
            });
        }
        let key = self.keys.open(label, role)?;
        if self.wrong && role == KeyRole::IssuingCa {
            return Ok(Arc::new(WrongKey(key)));
        }
        Ok(key)
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, kasane_hsm::Error> {
        self.keys.attestation(label)
    }
}

#[test]
fn ledger_key_is_not_made_while_the_device_that_may_hold_it_is_away() {
    let keys = Arc::new(InMemoryBackend::new());
    let clock = Arc::new(ManualClock::new(common::now()));
    let mut faulty = Faulty::new(Arc::clone(&keys));
    faulty.unreachable = true;
    let faulty = Arc::new(faulty);
    let mut parts = parts(&clock, &keys);
    parts.backend = Arc::clone(&faulty) as Arc<dyn KeyBackend>;
    let path = tempfile::tempdir().unwrap();
    let folder = DataFolder::open_or_create(path.path()).unwrap();
    let script = Script::from_toml(common::SCRIPT).unwrap();
    let documents = documents(common::SCRIPT);
    let refused = Authority::begin(&folder, &parts, &script.authority, &documents).unwrap_err();
    assert!(matches!(refused, Error::Signing(_)), "{refused}");
    assert_eq!(faulty.generated.load(Ordering::SeqCst), 0);
}

/// The world again, with its keys behind `faulty`.
fn with(world: World, faulty: impl FnOnce(&mut Faulty)) -> (Arc<Authority>, Arc<Faulty>, World) {
    let (path, clock, keys) = (&world.path, &world.clock, &world.backend);
    let mut backend = Faulty::new(Arc::clone(keys));
    faulty(&mut backend);
    let backend = Arc::new(backend);
    let copied = tempfile::tempdir().unwrap();
    common::copy(path.path(), copied.path());
    let folder = DataFolder::open(copied.path()).unwrap();
    let mut parts = parts(clock, keys);
    parts.backend = Arc::clone(&backend) as Arc<dyn KeyBackend>;
    let (authority, recovered) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    let again = World {
        authority: Arc::clone(&authority),
        clock: Arc::clone(clock),
        backend: Arc::clone(keys),
        recovered,
        folder,
        path: copied,
    };
    (authority, backend, again)
}

#[test]
fn recorded_key_that_is_lost_is_never_made_anew() {
    let (authority, backend, _world) = with(world(), |_| {});
    backend.lost.store(true, Ordering::SeqCst);
    let label = KeyLabel::new(LOST).unwrap();
    let generate = || {
        authority.generate_key(
            &Actor::ceremony(),
            &label,
            KeyRole::IssuingCa,
            KeyAlgorithm::P384,
        )
    };
    let refused = generate();
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(backend.generated.load(Ordering::SeqCst), 0);
}

#[test]
fn wrong_signature_is_told_each_time() {
    let (authority, _, _world) = with(world(), |it| it.wrong = true);
    let alarms = || {
        let size = authority.ledger().size();
        (0..size)
            .filter(|index| {
                let event = authority.entry(*index).unwrap().event;
                matches!(event, Event::DeviceAlarmRaised(it) if it.alarm == "wrong-signature")
            })
            .count()
    };
    let mut before = alarms();
    for _ in 0..2 {
        let order = terminal_order("terminal-ecc", 1, &p384());
        authority.issue(&requester(), order).unwrap_err();
        authority.note_signatures().unwrap();
        let after = alarms();
        assert!(after > before, "{after} alarms, {before} before");
        before = after;
    }
}
