//! A folder with tokens of its own, and a process that sees nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use kasane_hsm::config::{Credential, CredentialSource, ForeignKey, HashOn, Pkcs11Config};
use kasane_hsm::{
    DeviceName, Error, KeyLabel, Pkcs11Device, Priority, SignRequest, SigningKey, pkcs11,
};
use kasane_tests::tools::{self, Tool};
use kasane_verify::SignatureAlgorithm;
use zeroize::Zeroizing;

use crate::signatures::is_valid;

pub(crate) const SO_PIN: &str = "87654321";
pub(crate) const PIN: &str = "correct-pin";
pub(crate) const TOKEN: &str = "kasane";

/// Tells a process of ours which world is its own.
const FOLDER: &str = "KASANE_TEST_WORLD";

/// Where Linux distributions and SoftHSM's own `make install` put the library.
const LIBRARIES: [&str; 5] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

pub(crate) struct World {
    folder: PathBuf,
    library: PathBuf,
}

/// Runs `test`, which is called `name`, in a process and folder of its own, or notes that it is
/// left out.
pub(crate) fn alone(name: &str, test: impl FnOnce(&World)) {
    let Some(library) = LIBRARIES.iter().map(Path::new).find(|path| path.exists()) else {
        tools::skip(&format!("{name}: SoftHSM 2 is not installed"));
        return;
    };
    if let Some(folder) = own_folder() {
        test(&World {
            folder,
            library: library.to_owned(),
        });
        return;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for part in ["tokens", "plan"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    fs::write(
        folder.path().join("softhsm2.conf"),
        format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            folder.path().join("tokens").display()
        ),
    )
    .unwrap();
    let world = World {
        folder: folder.path().to_owned(),
        library: library.to_owned(),
    };
    let status = world.process(name).status().unwrap();
    assert!(status.success(), "{name}: see above");
}

#[expect(
    clippy::disallowed_methods,
    reason = "how the process hears of its folder"
)]
fn own_folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

pub(crate) fn label(text: &str) -> KeyLabel {
    KeyLabel::new(text).unwrap()
}

/// A PIN that is there.
pub(crate) struct Given(pub(crate) &'static str);

impl CredentialSource for Given {
    fn resolve(&self, _: &Credential, _: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(Zeroizing::new(self.0.as_bytes().to_vec()))
    }
}

impl World {
    /// This test program, at one test, in this world.
    pub(crate) fn process(&self, name: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([name, "--exact", "--nocapture", "--quiet"])
            .env(FOLDER, &self.folder)
            .env("SOFTHSM2_CONF", self.folder.join("softhsm2.conf"))
            .env("KASANE_FAULTY_MODULE", &self.library)
            .env("KASANE_FAULTY_PLAN", self.folder.join("plan"));
        command
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn library(&self) -> &Path {
        &self.library
    }

    /// The library that fails on request.
    pub(crate) fn faulty(&self) -> PathBuf {
        let library = self.folder.join("libfaulty.so");
        if !library.exists() {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pkcs11/faulty.c");
            let mut compiler = Command::new("cc");
            compiler.args(["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]);
            compiler.arg(&library).arg(source).arg("-ldl");
            let _ = tools::succeed("cc faulty.c", &compiler.output().unwrap());
        }
        library
    }

    /// The next `count` calls of `function` end so; see `faulty.c`.
    pub(crate) fn plan(&self, function: &str, action: &str, value: u64, count: u32) {
        let line = format!("{action} {value:x} {count}\n");
        self.tell(function, &line);
    }

    pub(crate) fn tell(&self, file: &str, content: &str) {
        // Whole or not at all: the library reads at any time.
        let new = self.folder.join("plan").join(format!("new-{file}"));
        fs::write(&new, content).unwrap();
        fs::rename(new, self.folder.join("plan").join(file)).unwrap();
    }

    pub(crate) fn untell(&self, file: &str) {
        fs::remove_file(self.folder.join("plan").join(file)).unwrap();
    }

    /// How often the library behind [`World::faulty`] was called so.
    pub(crate) fn calls(&self, function: &str) -> usize {
        fs::read_to_string(self.folder.join("plan/calls"))
            .unwrap_or_default()
            .lines()
            .filter(|line| *line == function)
            .count()
    }

    /// Makes a token with the library that the test goes on with: whoever comes second into a
    /// process does not own it.
    pub(crate) fn init(&self, module: &Path, name: &str) -> String {
        let serial = pkcs11::provision::init_token(module, name, SO_PIN, PIN).unwrap();
        // What is counted begins here.
        let _ = fs::remove_file(self.folder.join("plan/calls"));
        serial
    }

    pub(crate) fn config(&self, module: &Path) -> Pkcs11Config {
        Pkcs11Config {
            module: module.to_owned(),
            token_label: Some(TOKEN.to_owned()),
            token_serial: None,
            pin: Credential::Prompt(true),
            sessions: 8,
            hash_on: HashOn::Host,
            vouched_hardware: false,
            environment: std::collections::BTreeMap::new(),
        }
    }

    /// A token, and the device over the real library.
    pub(crate) fn device(&self) -> Pkcs11Device {
        self.init(&self.library, TOKEN);
        open(&self.config(&self.library), &[]).unwrap()
    }

    /// A token, and the device over the library that fails on request.
    pub(crate) fn faulty_device(&self) -> Pkcs11Device {
        self.init(&self.faulty(), TOKEN);
        open(&self.config(&self.faulty()), &[]).unwrap()
    }

    /// Runs OpenSC's tool on the token, logged in; none when it is not installed.
    pub(crate) fn opensc(&self, check: &str, arguments: &[&str]) -> Option<String> {
        let tool = Tool::Pkcs11Tool.or_skip(check)?;
        let module = self.library.to_str().unwrap();
        let fixed = [
            "--module",
            module,
            "--token-label",
            TOKEN,
            "--login",
            "--pin",
            PIN,
        ];
        let output = tool.run(fixed.iter().chain(arguments));
        Some(tools::succeed(
            &format!("pkcs11-tool {arguments:?}"),
            &output,
        ))
    }
}

pub(crate) fn open(config: &Pkcs11Config, keys: &[ForeignKey]) -> Result<Pkcs11Device, Error> {
    Pkcs11Device::open(
        DeviceName::new("token-a").unwrap(),
        config,
        keys,
        &Given(PIN),
    )
}

pub(crate) const MESSAGE: &[u8] = b"to be signed";

pub(crate) fn request(algorithm: SignatureAlgorithm) -> SignRequest<'static> {
    SignRequest {
        algorithm,
        message: MESSAGE,
        priority: Priority::Issuance,
        deadline: Duration::from_secs(60),
    }
}

/// Signs with what the key signs with, and checks the signature.
pub(crate) fn sign(key: &dyn SigningKey) -> Result<(), Error> {
    let algorithm = key.info().algorithm.default_signature();
    let signature = key.sign(&request(algorithm))?;
    assert_eq!(signature.device.as_str(), "token-a");
    assert!(
        is_valid(&key.info().spki, algorithm, MESSAGE, &signature.octets),
        "{algorithm}"
    );
    Ok(())
}

/// Signs until it succeeds; every error on the way must be one that a pool overcomes.
pub(crate) fn sign_again_and_again(key: &dyn SigningKey) {
    let end = Instant::now() + Duration::from_secs(120);
    while let Err(error) = sign(key) {
        assert!(Instant::now() < end, "{error}");
        assert_eq!(error.code(), "device.unreachable", "{error}");
        assert!(!error.was_attempted());
        std::thread::sleep(Duration::from_millis(20));
    }
}
