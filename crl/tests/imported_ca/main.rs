//! An RSA hierarchy that OpenSSL made before Kasane: its keys are in a token and found there, its
//! certificates are taken over, and OpenSSL believes what is issued afterwards.
#![expect(clippy::unwrap_used, reason = "a test may unwrap")]

#[path = "../../ca-core/tests/common/mod.rs"]
mod common;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use common::{FACILITY, documents, requester, rsa2048, terminal_order};
use kasane_ca_core::authority::{Authority, Devices, Parts, RevocationOrder};
use kasane_ca_core::ceremony::{self, Script, StepReport, Surroundings};
use kasane_ca_core::clock::{Clock, ManualClock, SystemClock};
use kasane_ca_core::fail_point::NoFailPoints;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::registration::{CheckDigit, FacilityCode};
use kasane_ca_core::{Actor, Error};
use kasane_crl::{CrlKind, Publisher, Schedule};
use kasane_hsm::config::{Credential, CredentialSource, HsmConfig};
use kasane_hsm::{
    Attestation, BackendKind, DeviceName, InMemoryBackend, KeyBackend, KeyInfo, KeyLabel, KeyRole,
    Pkcs11Device, SigningKey,
};
use kasane_verify::KeyAlgorithm;
use kasane_verify::certificate::Certificate;
use kasane_verify::crl::CertificateList;
use kasane_verify::crypto::{AwsLc, CryptoProvider, DigestAlgorithm};
use zeroize::Zeroizing;

/// Keys that another program left in a token, beside keys of our own.
#[derive(Debug)]
struct WithForeignKeys {
    own: InMemoryBackend,
    foreign: Arc<dyn KeyBackend>,
}

const FOREIGN: [&str; 2] = ["old-root", "old-issuing"];

impl KeyBackend for WithForeignKeys {
    fn kind(&self) -> BackendKind {
        BackendKind::Software
    }

    fn describe(&self) -> String {
        self.foreign.describe()
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, kasane_hsm::Error> {
        self.own.generate(label, role, algorithm)
    }

    /// Without the foreign ones: software keys of before would belong to a lost ledger.
    fn keys(&self) -> Result<Vec<KeyInfo>, kasane_hsm::Error> {
        self.own.keys()
    }

    fn open(
        &self,
        label: &KeyLabel,
        role: KeyRole,
    ) -> Result<Arc<dyn SigningKey>, kasane_hsm::Error> {
        if FOREIGN.contains(&label.as_str()) {
            return self.foreign.open(label, role);
        }
        self.own.open(label, role)
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, kasane_hsm::Error> {
        if FOREIGN.contains(&label.as_str()) {
            return self.foreign.attestation(label);
        }
        self.own.attestation(label)
    }
}

/// The token's PIN.
struct Pin;

impl CredentialSource for Pin {
    fn resolve(&self, _: &Credential, _: &str) -> Result<Zeroizing<Vec<u8>>, kasane_hsm::Error> {
        Ok(Zeroizing::new(b"1234".to_vec()))
    }
}

/// Names the folder of a test that runs in a process of its own: SoftHSM reads its configuration
/// from the environment.
const FOLDER: &str = "KASANE_TEST_IMPORT_FOLDER";

const LIBRARIES: [&str; 2] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
];

/// Runs `test` with a place whose old keys are in a token; skips it, by name, without SoftHSM.
#[expect(
    clippy::disallowed_methods,
    reason = "how the process hears of its folder"
)]
fn with_token(name: &str, test: impl FnOnce(&Path)) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return test(Path::new(&folder));
    }
    if !LIBRARIES.iter().any(|path| Path::new(path).exists()) {
        eprintln!("SKIPPED: {name}: SoftHSM 2 is not installed");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::create_dir(folder.join("tokens")).unwrap();
    let tokens = folder.join("tokens");
    let config = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\n",
        tokens.display()
    );
    std::fs::write(folder.join("softhsm2.conf"), config).unwrap();
    old_hierarchy(folder);
    let conf = folder.join("softhsm2.conf");
    let softhsm = |arguments: &str| {
        let output = Command::new("softhsm2-util")
            .args(arguments.split_whitespace())
            .current_dir(folder)
            .env("SOFTHSM2_CONF", &conf)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "softhsm2-util {arguments}: {error}"
        );
    };
    softhsm("--init-token --free --label old --pin 1234 --so-pin 5678");
    for (name, id) in [("root", "0a01"), ("issuing", "0a02")] {
        openssl(
            folder,
            &format!("pkcs8 -topk8 -nocrypt -in {name}.key -out {name}.p8.pem"),
        );
        softhsm(&format!(
            "--import {name}.p8.pem --token old --label Old-{name} --id {id} --pin 1234"
        ));
        // From here on the key is in the token only.
        for left in ["key", "p8.pem"] {
            std::fs::remove_file(folder.join(format!("{name}.{left}"))).unwrap();
        }
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture", "--quiet"])
        .env(FOLDER, folder)
        .env("SOFTHSM2_CONF", &conf)
        .status()
        .unwrap();
    assert!(status.success(), "{name}: see above");
}

fn token() -> Arc<dyn KeyBackend> {
    let library = LIBRARIES
        .iter()
        .find(|path| Path::new(path).exists())
        .unwrap();
    let config = HsmConfig::from_toml(&format!(
        r#"
[[device]]
name = "token"
[device.pkcs11]
module = "{library}"
token_label = "old"
pin = {{ prompt = true }}
[[device.key]]
label = "old-root"
role = "root-ca"
device_id = "0a01"
[[device.key]]
label = "old-issuing"
role = "issuing-ca"
device_label = "Old-issuing"
"#
    ))
    .unwrap();
    let device = &config.devices[0];
    let name = DeviceName::new("token").unwrap();
    let pkcs11 = device.pkcs11.as_ref().unwrap();
    Arc::new(Pkcs11Device::open(name, pkcs11, &device.keys, &Pin).unwrap())
}

fn openssl(place: &Path, arguments: &str) -> String {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(place)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "openssl {arguments}: {text}{error}"
    );
    text
}

const EXTENSIONS: &str = "
[req]
distinguished_name = dn
prompt = no
string_mask = utf8only
[dn]
C = JP
O = Old Network
OU = Old Authorities
CN = Old Root
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
";

/// A root and an issuing CA as another program left them.
fn old_hierarchy(place: &Path) {
    std::fs::write(place.join("ca.cnf"), EXTENSIONS).unwrap();
    for name in ["root", "issuing"] {
        openssl(
            place,
            &format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out {name}.key"),
        );
    }
    openssl(
        place,
        "req -x509 -new -config ca.cnf -extensions root -key root.key -sha256 -days 1200 -out root.pem",
    );
    openssl(
        place,
        "req -new -config ca.cnf -key issuing.key -subj /C=JP/O=Old-Network/CN=Old-Issuing -utf8 -out issuing.csr",
    );
    openssl(
        place,
        "x509 -req -in issuing.csr -CA root.pem -CAkey root.key -set_serial 0x4d2 -sha256 -days 1000 -extfile ca.cnf -extensions issuing -out issuing.pem",
    );
}

fn sha256(place: &Path, pem: &str) -> String {
    let text = std::fs::read(place.join(pem)).unwrap();
    let der = kasane_verify::pem::certificates(&text).unwrap().remove(0);
    hex::encode(AwsLc.digest(DigestAlgorithm::Sha256, &der))
}

fn script(place: &Path) -> String {
    let (root, issuing) = (sha256(place, "root.pem"), sha256(place, "issuing.pem"));
    format!(
        r#"
[authority]
mode = "demo"
timeline = "demonstration"
origin = "kasane.example/old"
organization = "Kasane Demonstration"
operator_domain = "kasane.example"
status_url = "http://127.0.0.1:8080"

[[import]]
name = "root-rsa"
certificate = "root.pem"
sha256 = "{root}"
key = "old-root"
last_crl_number = 41

[[import]]
name = "issuing-rsa"
certificate = "issuing.pem"
sha256 = "{issuing}"
key = "old-issuing"
last_crl_number = 4711
"#
    )
}

struct Old {
    authority: Arc<Authority>,
    _folder: DataFolder,
}

fn begin(place: &Path, data: &str, script: &str) -> Result<(Old, Vec<StepReport>), Error> {
    let backend = WithForeignKeys {
        own: InMemoryBackend::new(),
        foreign: token(),
    };
    // OpenSSL dates by the machine's clock.
    let clock = ManualClock::new(SystemClock.now().plus_seconds(60));
    let parts = Parts {
        clock: Arc::new(clock),
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend: Arc::new(backend),
        fail_points: Arc::new(NoFailPoints),
        weak_keys: WeakKeys::built_in().unwrap(),
        devices: Devices::default(),
    };
    let folder = DataFolder::open_or_create(&place.join(data)).unwrap();
    let parsed = Script::from_toml(script)?;
    Authority::begin(&folder, &parts, &parsed.authority, &documents(script))?;
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {})?;
    let publisher = Publisher::new(Arc::clone(&authority), Schedule::default())?;
    let mut steps = Vec::new();
    let read = |name: &str| std::fs::read(place.join(name)).map_err(|it| it.to_string());
    for _ in 0..2 {
        let mut publish =
            |issuer: &str, shard| Ok(publisher.publish(issuer, shard)?.remove(0).number);
        let surroundings = Surroundings {
            read: Some(&read),
            publish: Some(&mut publish),
            ..Surroundings::default()
        };
        ceremony::run_with(&authority, script, surroundings, &mut |step| {
            steps.push(step.clone());
        })?;
    }
    let old = Old {
        authority,
        _folder: folder,
    };
    Ok((old, steps))
}

#[test]
fn imported_rsa_ca_issues_revokes_and_signs_crls_that_openssl_believes() {
    with_token(
        "imported_rsa_ca_issues_revokes_and_signs_crls_that_openssl_believes",
        issues_revokes_and_signs_crls,
    );
}

fn issues_revokes_and_signs_crls(place: &Path) {
    let (old, steps) = begin(place, "data", &script(place)).unwrap();
    // The end of the ceremony is noted once.
    let (first, second) = steps.split_at(steps.len() / 2 + 1);
    assert!(first.iter().all(|step| !step.done_before), "{first:?}");
    assert!(second.iter().all(|step| step.done_before), "{second:?}");
    let authority = &old.authority;
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    authority
        .register_facility(&Actor::system(), &code, 2)
        .unwrap();
    let issue = |terminal| {
        let order = terminal_order("terminal-rsa", terminal, rsa2048());
        authority.issue(&requester(), order).unwrap()
    };
    let (kept, revoked) = (issue(1), issue(1));
    let issuer = authority.issuer("issuing-rsa").unwrap();
    let certificate = Certificate::from_der(&kept.der).unwrap();
    let key_id = certificate.extensions().authority_key_id.unwrap();
    assert_eq!(
        key_id.key_id.unwrap(),
        issuer.signer.ski,
        "copied, not computed"
    );
    assert_eq!(certificate.issuer().der(), issuer.signer.subject_der);
    assert!(kept.not_after <= issuer.not_after, "never beyond the CA");
    let order = RevocationOrder {
        issuer: "issuing-rsa",
        serial: &revoked.serial,
        reason: None,
        invalidity_date: None,
    };
    authority.revoke(&Actor::system(), &order).unwrap();
    let publisher = Publisher::new(Arc::clone(authority), Schedule::default()).unwrap();
    publisher.publish("issuing-rsa", 0).unwrap();

    for (name, lowest) in [("root-rsa", 41), ("issuing-rsa", 4711)] {
        let crl = authority
            .current_crl(name, 0, CrlKind::Full)
            .unwrap()
            .unwrap();
        assert!(crl.number > lowest, "{name}: {}", crl.number);
        let list = CertificateList::from_der(&crl.der).unwrap();
        let issuer = authority.issuer(name).unwrap();
        let id = list.authority_key_id().unwrap().key_id.unwrap();
        assert_eq!(id, issuer.signer.ski);
        std::fs::write(place.join(format!("{name}.crl")), &crl.der).unwrap();
        openssl(
            place,
            &format!("crl -inform DER -in {name}.crl -out {name}.crl.pem"),
        );
    }
    let mut crls = String::new();
    for name in ["root-rsa", "issuing-rsa"] {
        crls += &std::fs::read_to_string(place.join(format!("{name}.crl.pem"))).unwrap();
    }
    std::fs::write(place.join("crls.pem"), crls).unwrap();
    let verify = |name: &str, der: &[u8]| {
        std::fs::write(place.join(name), der).unwrap();
        openssl(
            place,
            &format!("x509 -inform DER -in {name} -out {name}.pem"),
        );
        let output = Command::new("openssl")
            .args([
                "verify",
                "-x509_strict",
                "-crl_check_all",
                "-CAfile",
                "root.pem",
            ])
            .args(["-untrusted", "issuing.pem", "-CRLfile", "crls.pem"])
            .args([
                "-attime",
                &authority.now().plus_seconds(60).seconds().to_string(),
            ])
            .arg(format!("{name}.pem"))
            .current_dir(place)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), text)
    };
    let (good, text) = verify("kept", &kept.der);
    assert!(good, "{text}");
    let (good, text) = verify("revoked", &revoked.der);
    assert!(!good && text.contains("certificate revoked"), "{text}");
}

#[test]
fn each_fault_of_an_import_is_named_and_nothing_is_recorded() {
    with_token(
        "each_fault_of_an_import_is_named_and_nothing_is_recorded",
        each_fault_is_named,
    );
}

fn each_fault_is_named(place: &Path) {
    let good = script(place);
    let cases = [
        // Two CAs exchanged under one label.
        (
            r#"key = "old-root""#,
            r#"key = "old-issuing""#,
            "key.role-mismatch",
        ),
        (
            r#"key = "old-issuing""#,
            r#"key = "unknown""#,
            "key.not-found",
        ),
        (r#"sha256 = ""#, r#"sha256 = "00"#, "ceremony.value"),
        (
            r#"certificate = "issuing.pem""#,
            r#"certificate = "root.pem""#,
            "import.digest",
        ),
        (
            r#"certificate = "root.pem""#,
            r#"certificate = "none.pem""#,
            "ceremony.file",
        ),
        (
            r#"name = "issuing-rsa""#,
            "name = \"issuing-rsa\"\nprofile = \"issuing-ecc-terminal\"",
            "import.profile",
        ),
        (
            r#"name = "issuing-rsa""#,
            "name = \"issuing-rsa\"\nprofile = \"root-rsa\"",
            "import.profile",
        ),
        (
            r#"name = "root-rsa""#,
            r#"name = "issuing-rsa""#,
            "ceremony.duplicate",
        ),
        (r#"last_crl_number = 41"#, "crl_shards = 3", "argument.bad"),
    ];
    for (at, (from, to, code)) in cases.into_iter().enumerate() {
        assert!(good.contains(from), "{from}");
        let script = good.replacen(from, to, 1);
        let error = begin(place, &format!("data-{at}"), &script).err().unwrap();
        assert_eq!(error.code(), code, "{from} -> {to}: {error}");
    }
}
