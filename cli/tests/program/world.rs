//! A data folder made once by the program's own ceremony, copied for each test.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

pub(crate) const FACILITY: &str = "1312345679";

/// The elliptic-curve half of a hierarchy: RSA keys take seconds to make.
pub(crate) const SCRIPT: &str = r#"
[authority]
mode = "demo"
timeline = "demonstration"
origin = "kasane.example/ledger"
organization = "Kasane Demonstration"
operator_domain = "kasane.example"
status_url = "http://127.0.0.1:8080"

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
common_name = "Test Root ECC"

[[certificate]]
name = "issuing-ecc-terminal"
profile = "issuing-ecc-terminal"
issuer = "root-ecc"
key = "issuing-ecc-terminal"
common_name = "Test Issuing ECC Terminal"
crl_shards = 2
"#;

/// A data folder of its own and the program that works on it.
pub(crate) struct World {
    place: tempfile::TempDir,
}

impl World {
    /// Nothing yet but a ceremony script.
    pub(crate) fn empty() -> Self {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("script.toml"), SCRIPT).unwrap();
        Self { place }
    }

    /// After its ceremony, with a facility of two terminals.
    pub(crate) fn new() -> Self {
        static MADE: OnceLock<PathBuf> = OnceLock::new();
        let made = MADE.get_or_init(|| {
            let world = Self::empty();
            world.json(["ceremony", world.file("script.toml").to_str().unwrap()]);
            world.json([
                "facility",
                "add",
                FACILITY,
                "--terminals",
                "2",
                "--contact",
                "desk",
            ]);
            // Nothing drops a static: one place that each run uses again.
            let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("world");
            if kept.exists() {
                std::fs::remove_dir_all(&kept).unwrap();
            }
            copy(&world.dir(), &kept);
            kept
        });
        let world = Self::empty();
        copy(made, &world.dir());
        world
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.place.path().join("data")
    }

    /// A file beside the data folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// A new request under that name.
    pub(crate) fn csr(&self, name: &str) -> PathBuf {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        let path = self.file(name);
        std::fs::write(
            &path,
            params.serialize_request(&key).unwrap().pem().unwrap(),
        )
        .unwrap();
        path
    }

    pub(crate) fn command<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kasane"));
        command
            .args(arguments)
            .arg("--dir")
            .arg(self.dir())
            .stdin(Stdio::null());
        command
            .env_remove("KASANE_LOG")
            .env_remove("KASANE_KEY_PASSPHRASE_FILE");
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it; what it wrote to standard output.
    pub(crate) fn text<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it with `--json`.
    pub(crate) fn json<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Value {
        let output = self.command(arguments).arg("--json").output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)))
    }

    /// Runs it with `--json`; the exit code and the stable code of its refusal.
    pub(crate) fn refusal<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> (i32, String) {
        refusal_of(&self.command(arguments).arg("--json").output().unwrap())
    }

    pub(crate) fn issue(&self, terminal: &str, csr: &Path) -> Value {
        self.json(issue(terminal, csr))
    }
}

/// The exit code and the stable code of a refusal in JSON.
pub(crate) fn refusal_of(output: &Output) -> (i32, String) {
    let exit = output
        .status
        .code()
        .unwrap_or_else(|| panic!("{}", said(output)));
    let answer: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)));
    let error = answer["error"].as_object().unwrap();
    assert_eq!(error.keys().collect::<Vec<_>>(), ["code", "message"]);
    (exit, error["code"].as_str().unwrap().to_owned())
}

pub(crate) fn issue<'a>(terminal: &'a str, csr: &'a Path) -> [&'a str; 7] {
    let csr = csr.to_str().unwrap();
    [
        "issue",
        "--facility",
        FACILITY,
        "--terminal",
        terminal,
        "--csr",
        csr,
    ]
}

pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{}\n{}\n{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// With -p: rights count, the keys' above all.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-rp").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
}
