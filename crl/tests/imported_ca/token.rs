//! The token that another program left.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use kasane_hsm::config::{Credential, CredentialSource, HsmConfig};
use kasane_hsm::{
    Attestation, BackendKind, DeviceName, InMemoryBackend, KeyBackend, KeyInfo, KeyLabel, KeyRole,
    Pkcs11Device, SigningKey,
};
use kasane_verify::KeyAlgorithm;
use zeroize::Zeroizing;

use crate::hierarchy::{old_hierarchy, openssl};

/// Keys that another program left in a token, beside keys of our own.
#[derive(Debug)]
pub(crate) struct WithForeignKeys {
    pub(crate) own: InMemoryBackend,
    pub(crate) foreign: Arc<dyn KeyBackend>,
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
pub(crate) fn with_token(name: &str, test: impl FnOnce(&Path)) {
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

pub(crate) fn token() -> Arc<dyn KeyBackend> {
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
