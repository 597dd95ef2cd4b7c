//! SoftHSM 2: the pool's own cost, and sessions side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use kasane_hsm::config::{Credential, CredentialSource, HashOn, Pkcs11Config};
use kasane_hsm::{Device, DeviceName, Error, KeyBackend, KeyLabel, KeyRole, Pkcs11Device, pkcs11};
use kasane_verify::KeyAlgorithm;
use zeroize::Zeroizing;

use crate::bare::Bare;
use crate::measure::{in_turns, median, paired, pool, ratio, time_of, time_of_many};

const LIBRARIES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

/// Where SoftHSM finds its configuration.
const CONFIGURATION: &str = "SOFTHSM2_CONF";
/// Tells the process of ours that the configuration is its own.
const OWN: &str = "KASANE_BENCH_OWN_TOKEN";
const PIN: &str = "correct-pin";

pub(crate) fn is_own_world() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "how the process hears of its folder"
    )]
    std::env::var_os(OWN).is_some()
}

/// Runs `act` in a process whose SoftHSM has a folder of its own: the library reads its
/// configuration from the environment.
pub(crate) fn in_own_world(act: impl FnOnce(&Path)) {
    let Some(library) = LIBRARIES.iter().map(Path::new).find(|it| it.exists()) else {
        println!("SoftHSM 2 is not installed: overhead and sessions are left out");
        return;
    };
    if is_own_world() {
        pkcs11::provision::init_token(library, "bench", "87654321", PIN).unwrap();
        act(library);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    fs::create_dir(&tokens).unwrap();
    let configuration = folder.path().join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    fs::write(&configuration, text).unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(std::env::args().skip(1))
        .env(OWN, "1")
        .env(CONFIGURATION, &configuration)
        .status()
        .unwrap();
    assert!(status.success());
}

/// One caller, RSA-3072: the pool against the device itself.
pub(crate) fn overhead(library: &Path) {
    let device = token(library, 1);
    let label = KeyLabel::new("overhead").unwrap();
    device
        .generate(&label, KeyRole::IssuingCa, KeyAlgorithm::Rsa { bits: 3072 })
        .unwrap();
    let bare = device.open(&label, KeyRole::IssuingCa).unwrap();
    let pool = pool(vec![device]);
    let pooled = pool.open(&label, KeyRole::IssuingCa).unwrap();
    let ratio = paired(101, || time_of(&*bare, 20), || time_of(&*pooled, 20));
    println!(
        "overhead: pool over bare, RSA-3072, one caller: {:+.2} % (asked: at most 3 %)",
        (ratio - 1.0) * 100.0
    );
}

/// RSA-3072 with eight callers: eight sessions against one; and the same of the library by itself,
/// which is the most that anything above it can give.
pub(crate) fn sessions(library: &Path) {
    let (one, eight) = (token(library, 1), token(library, 8));
    let label = KeyLabel::new("sessions").unwrap();
    one.generate(&label, KeyRole::IssuingCa, KeyAlgorithm::Rsa { bits: 3072 })
        .unwrap();
    let (one, eight) = (pool(vec![one]), pool(vec![eight]));
    let of_one = one.open(&label, KeyRole::IssuingCa).unwrap();
    let of_eight = eight.open(&label, KeyRole::IssuingCa).unwrap();
    let bare = [1, 8].map(|sessions| Bare::open(library, label.as_str(), sessions, PIN));
    let rounds = in_turns(
        31,
        [
            &|| time_of_many(&*of_eight, 8, 200),
            &|| bare[1].time_of(200),
            &|| bare[0].time_of(200),
            &|| time_of_many(&*of_one, 8, 200),
        ],
    );
    let pooled = median(rounds.iter().map(|[eight, _, _, one]| ratio(*one, *eight)));
    let limit = median(rounds.iter().map(|[_, eight, one, _]| ratio(*one, *eight)));
    println!(
        "sessions: throughput of 8 over 1, RSA-3072, 8 callers, {} cores: {pooled:.2} (asked: at least 1.7 on 2 cores); SoftHSM by itself, 8 threads over 1: {limit:.2}",
        std::thread::available_parallelism().unwrap()
    );
}

fn token(library: &Path, sessions: usize) -> Arc<dyn Device> {
    let config = Pkcs11Config {
        module: PathBuf::from(library),
        token_label: Some("bench".to_owned()),
        token_serial: None,
        pin: Credential::Prompt(true),
        sessions,
        hash_on: HashOn::Host,
        vouched_hardware: false,
        environment: std::collections::BTreeMap::new(),
    };
    let name = DeviceName::new(&format!("token-{sessions}")).unwrap();
    Arc::new(Pkcs11Device::open(name, &config, &[], &Given).unwrap())
}

struct Given;

impl CredentialSource for Given {
    fn resolve(&self, _: &Credential, _: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(Zeroizing::new(PIN.as_bytes().to_vec()))
    }
}
