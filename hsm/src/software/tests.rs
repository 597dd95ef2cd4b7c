#[path = "../../tests/support/signatures.rs"]
mod signatures;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use der::Decode;
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use zeroize::Zeroizing;

use super::*;
use crate::{BackendKind, Error, KeyBackend, KeyLabel, KeyRole, Priority, SignRequest, SigningKey};

const MESSAGE: &[u8] = b"to be signed";
const PASSPHRASE: &[u8] = b"correct horse battery staple";

const ALGORITHMS: [KeyAlgorithm; 6] = [
    KeyAlgorithm::Ed25519,
    KeyAlgorithm::P256,
    KeyAlgorithm::P384,
    KeyAlgorithm::RSA_2048,
    KeyAlgorithm::RSA_3072,
    KeyAlgorithm::RSA_4096,
];

fn label(text: &str) -> KeyLabel {
    KeyLabel::new(text).unwrap()
}

fn backend(folder: &Path, passphrase: &[u8]) -> SoftwareBackend {
    SoftwareBackend::open(folder, Zeroizing::new(passphrase.to_vec())).unwrap()
}

fn request(algorithm: SignatureAlgorithm) -> SignRequest<'static> {
    SignRequest {
        algorithm,
        message: MESSAGE,
        priority: Priority::Issuance,
        deadline: Duration::from_secs(10),
    }
}

fn check_signatures(key: &dyn SigningKey) {
    let info = key.info();
    signatures::check((info.algorithm, &info.spki), MESSAGE, &|algorithm| {
        let made = key.sign(&request(algorithm));
        made.map(|it| it.octets)
            .map_err(|error| (error.code(), error.was_attempted()))
    });
}

/// The contract of `KeyBackend`, for every implementation in this module.
fn check_contract(backend: &dyn KeyBackend) {
    assert_eq!(backend.kind(), BackendKind::Software);
    assert!(
        backend
            .describe()
            .starts_with("development keys in software")
    );
    let mut expected = Vec::new();
    for algorithm in ALGORITHMS {
        let label = label(&format!("key-{algorithm}"));
        let info = backend
            .generate(&label, KeyRole::IssuingCa, algorithm)
            .unwrap();
        assert_eq!(
            (&info.label, info.role, info.algorithm),
            (&label, KeyRole::IssuingCa, algorithm)
        );
        let key = backend.open(&label, KeyRole::IssuingCa).unwrap();
        assert_eq!(key.info(), &info);
        check_signatures(key.as_ref());
        assert_eq!(backend.attestation(&label).unwrap(), None);
        expected.push(info);
    }
    expected.sort_by(|a, b| a.label.cmp(&b.label));
    assert_eq!(backend.keys().unwrap(), expected);

    let known = label("key-p-384");
    let error = backend
        .generate(&known, KeyRole::Ledger, KeyAlgorithm::P256)
        .unwrap_err();
    assert_eq!(error.code(), "key.exists");
    assert_eq!(
        backend.open(&known, KeyRole::RootCa).unwrap_err().code(),
        "key.role-mismatch"
    );
    assert_eq!(
        backend
            .open(&label("none"), KeyRole::RootCa)
            .unwrap_err()
            .code(),
        "key.not-found"
    );
    assert_eq!(
        backend.attestation(&label("none")).unwrap_err().code(),
        "key.not-found"
    );
    for algorithm in [KeyAlgorithm::P521, KeyAlgorithm::Rsa { bits: 1024 }] {
        let error = backend
            .generate(&label("new"), KeyRole::RootCa, algorithm)
            .unwrap_err();
        assert_eq!(error.code(), "key.algorithm-unsupported");
    }
    let mut late = request(SignatureAlgorithm::EcdsaSha384);
    late.deadline = Duration::ZERO;
    let key = backend.open(&known, KeyRole::IssuingCa).unwrap();
    assert_eq!(key.sign(&late).unwrap_err().code(), "key.timed-out");
}

#[test]
fn memory_backend_keeps_the_contract() {
    check_contract(&InMemoryBackend::new());
}

#[test]
fn stored_backend_keeps_the_contract_across_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/keys");
    let first = backend(&path, PASSPHRASE);
    check_contract(&first);
    let again = backend(&path, PASSPHRASE);
    assert_eq!(again.keys().unwrap(), first.keys().unwrap());
    for info in again.keys().unwrap() {
        check_signatures(again.open(&info.label, info.role).unwrap().as_ref());
    }
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o700
    );
    for entry in fs::read_dir(&path).unwrap() {
        let entry = entry.unwrap();
        assert!(
            entry.file_name().to_string_lossy().ends_with(".key"),
            "{entry:?}"
        );
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

#[test]
fn wrong_passphrase_opens_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    backend(&path, PASSPHRASE)
        .generate(&label("one"), KeyRole::RootCa, KeyAlgorithm::P256)
        .unwrap();
    let other = backend(&path, b"correct horse battery stable");
    let error = other.open(&label("one"), KeyRole::RootCa).unwrap_err();
    assert_eq!(error.code(), "key.cannot-decrypt");
    assert_eq!(other.keys().unwrap_err().code(), "key.cannot-decrypt");
    let error = other
        .generate(&label("two"), KeyRole::RootCa, KeyAlgorithm::P256)
        .unwrap_err();
    assert_eq!(error.code(), "key.cannot-decrypt");
    assert!(!path.join("two.key").exists());
    let empty = SoftwareBackend::open(&path, Zeroizing::new(Vec::new()));
    assert_eq!(empty.unwrap_err().code(), "key.device");
}

#[test]
fn every_changed_byte_of_a_file_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    backend(&path, PASSPHRASE)
        .generate(&label("one"), KeyRole::OcspResponder, KeyAlgorithm::P256)
        .unwrap();
    let file = path.join("one.key");
    let sound = fs::read(&file).unwrap();
    let (_, der) = der::pem::decode_vec(&sound).unwrap();
    // Decrypting costs, so every 11th octet: header, salt, cost, nonce, ciphertext and tag.
    for place in (0..der.len()).step_by(11).chain([der.len() - 1]) {
        let mut damaged = der.clone();
        damaged[place] ^= 0x01;
        let pem =
            der::pem::encode_string("KASANE SOFTWARE KEY", der::pem::LineEnding::LF, &damaged);
        fs::write(&file, pem.unwrap()).unwrap();
        let error = backend(&path, PASSPHRASE)
            .open(&label("one"), KeyRole::OcspResponder)
            .unwrap_err();
        assert!(
            ["key.damaged", "key.cannot-decrypt"].contains(&error.code()),
            "{place}: {error}"
        );
    }
    for content in [
        b"".as_slice(),
        b"no PEM",
        sound.get(..sound.len() / 2).unwrap(),
    ] {
        fs::write(&file, content).unwrap();
        let error = backend(&path, PASSPHRASE)
            .open(&label("one"), KeyRole::OcspResponder)
            .unwrap_err();
        assert_eq!(error.code(), "key.damaged");
    }
    fs::write(&file, vec![b'-'; 20_000]).unwrap();
    let error = backend(&path, PASSPHRASE)
        .open(&label("one"), KeyRole::OcspResponder)
        .unwrap_err();
    assert_eq!(error.code(), "key.device");
}

#[test]
fn file_of_another_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let keys = backend(&path, PASSPHRASE);
    keys.generate(&label("ocsp"), KeyRole::OcspResponder, KeyAlgorithm::P256)
        .unwrap();
    fs::copy(path.join("ocsp.key"), path.join("root.key")).unwrap();
    for role in [KeyRole::RootCa, KeyRole::OcspResponder] {
        assert_eq!(
            keys.open(&label("root"), role).unwrap_err().code(),
            "key.damaged"
        );
    }
}

#[test]
fn costs_that_a_file_may_ask_for_are_bounded() {
    use pkcs8::pkcs5::pbes2::{Kdf, Parameters};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let keys = backend(&path, PASSPHRASE);
    keys.generate(&label("one"), KeyRole::RootCa, KeyAlgorithm::P256)
        .unwrap();
    let sound = fs::read(path.join("one.key")).unwrap();
    let (_, der) = der::pem::decode_vec(&sound).unwrap();
    let mut envelope = pkcs8::EncryptedPrivateKeyInfoRef::from_der(&der).unwrap();
    let Kdf::Scrypt(mut scrypt) = envelope.encryption_algorithm.pbes2().unwrap().kdf.clone() else {
        panic!("not scrypt")
    };
    scrypt.cost_parameter = 1 << 40;
    let encryption = envelope.encryption_algorithm.pbes2().unwrap().encryption;
    envelope.encryption_algorithm = Parameters {
        kdf: scrypt.into(),
        encryption,
    }
    .into();
    let der = der::Encode::to_der(&envelope).unwrap();
    let pem = der::pem::encode_string("KASANE SOFTWARE KEY", der::pem::LineEnding::LF, &der);
    fs::write(path.join("one.key"), pem.unwrap()).unwrap();
    let error = backend(&path, PASSPHRASE)
        .open(&label("one"), KeyRole::RootCa)
        .unwrap_err();
    assert_eq!(error.code(), "key.damaged");
}

#[test]
fn folder_and_files_that_others_can_read_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    backend(&path, PASSPHRASE)
        .generate(&label("one"), KeyRole::RootCa, KeyAlgorithm::P256)
        .unwrap();
    fs::set_permissions(path.join("one.key"), fs::Permissions::from_mode(0o640)).unwrap();
    let error = backend(&path, PASSPHRASE)
        .open(&label("one"), KeyRole::RootCa)
        .unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let error = SoftwareBackend::open(&path, Zeroizing::new(PASSPHRASE.to_vec())).unwrap_err();
    assert!(error.to_string().contains("chmod 700"), "{error}");
}

#[test]
fn two_threads_cannot_both_make_one_label() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let keys = backend(&path, PASSPHRASE);
    let made = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| keys.generate(&label("one"), KeyRole::Ledger, KeyAlgorithm::Ed25519))
            })
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().unwrap().ok())
            .collect::<Vec<_>>()
    });
    assert_eq!(made.len(), 1);
    assert_eq!(backend(&path, PASSPHRASE).keys().unwrap(), made);
    assert_eq!(fs::read_dir(&path).unwrap().count(), 1);
}

#[test]
fn neither_passphrase_nor_private_key_is_ever_printed_or_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let keys = backend(&path, PASSPHRASE);
    keys.generate(&label("one"), KeyRole::RootCa, KeyAlgorithm::P256)
        .unwrap();
    let stored = folder::Folder::open(&path)
        .unwrap()
        .read(&label("one"))
        .unwrap()
        .unwrap();
    let key = envelope::open(&label("one"), &stored, PASSPHRASE).unwrap();
    let secret = key.to_pkcs8().unwrap();
    // RFC 5915: the 32-octet scalar stands behind its OCTET STRING header in the PKCS#8 form.
    let start = secret
        .windows(2)
        .position(|pair| pair == [0x04, 0x20])
        .unwrap()
        + 2;
    let scalar = secret.get(start..start + 32).unwrap();
    let (_, der) = der::pem::decode_vec(&stored).unwrap();
    assert!(!der.windows(32).any(|octets| octets == scalar));
    let error = Error::CannotDecrypt {
        label: label("one"),
    };
    let opened = keys.open(&label("one"), KeyRole::RootCa).unwrap();
    let printed = format!(
        "{keys:?} {opened:?} {key:?} {error:?} {error} {}",
        keys.describe()
    );
    let decimal = format!("{:?}", scalar);
    let hex: String = scalar.iter().map(|octet| format!("{octet:02x}")).collect();
    for secret in [
        decimal.trim_matches(['[', ']']),
        hex.as_str(),
        "correct horse",
    ] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
