//! Programs of others.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A program that need not be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `openssl`.
    OpenSsl,
    /// GnuTLS's `certtool`.
    CertTool,
    /// `nginx`.
    Nginx,
    /// pkilint, in `.venv` at the root.
    PkiLint,
    /// OpenSC's `pkcs11-tool`.
    Pkcs11Tool,
    /// SoftHSM's `softhsm2-util`; its library comes with it.
    SoftHsm2Util,
    /// `java`, 17 or newer, with its compiler.
    Java,
    /// NSS's `certutil`.
    CertUtil,
    /// NSS's `vfychain`.
    VfyChain,
    /// NSS's `crlutil`.
    CrlUtil,
    /// GnuTLS's `ocsptool`.
    OcspTool,
    /// `haproxy`.
    HaProxy,
    /// `faketime`, and the library that comes with it.
    FakeTime,
}

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Notes by name what is left out; `./test` repeats it in its summary.
#[expect(clippy::disallowed_methods, reason = "how ./test hears from the tests")]
pub fn skip(what: &str) {
    eprintln!("SKIPPED: {what}");
    if let Some(report) = std::env::var_os("KASANE_SKIP_REPORT") {
        let mut report = OpenOptions::new()
            .append(true)
            .create(true)
            .open(report)
            .unwrap();
        writeln!(report, "{what}").unwrap();
    }
}

impl Tool {
    /// The program, or none after noting that `check` is left out.
    #[must_use]
    pub fn or_skip(self, check: &str) -> Option<Self> {
        let there = match self {
            Self::Java => java_version().is_some_and(|major| major >= 17),
            _ => self.command().arg(self.probe()).output().is_ok(),
        };
        if !there {
            skip(&format!("{check}: {} is not installed", self.name()));
        }
        there.then_some(self)
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenSsl => "openssl",
            Self::CertTool => "certtool",
            Self::Nginx => "nginx",
            Self::PkiLint => "pkilint",
            Self::Pkcs11Tool => "pkcs11-tool",
            Self::SoftHsm2Util => "softhsm2-util",
            Self::Java => "java",
            Self::CertUtil => "certutil",
            Self::VfyChain => "vfychain",
            Self::CrlUtil => "crlutil",
            Self::OcspTool => "ocsptool",
            Self::HaProxy => "haproxy",
            Self::FakeTime => "faketime",
        }
    }

    /// The program, ready for arguments.
    #[must_use]
    pub fn command(self) -> Command {
        let mut command = match self {
            // Debian keeps it where only root looks.
            Self::Nginx if Path::new("/usr/sbin/nginx").exists() => Command::new("/usr/sbin/nginx"),
            Self::HaProxy if Path::new("/usr/sbin/haproxy").exists() => {
                Command::new("/usr/sbin/haproxy")
            }
            Self::PkiLint => Command::new(root().join(".venv/bin/python")),
            _ => Command::new(self.name()),
        };
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// Runs it.
    #[must_use]
    pub fn run<S: AsRef<std::ffi::OsStr>>(self, arguments: impl IntoIterator<Item = S>) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    const fn probe(self) -> &'static str {
        match self {
            Self::OpenSsl => "version",
            Self::CertTool
            | Self::PkiLint
            | Self::SoftHsm2Util
            | Self::Java
            | Self::OcspTool
            | Self::FakeTime => "--version",
            Self::Nginx | Self::HaProxy => "-v",
            Self::Pkcs11Tool => "--help",
            Self::CertUtil | Self::VfyChain | Self::CrlUtil => "-H",
        }
    }
}

/// The major version of Java's compiler, which runs single files.
fn java_version() -> Option<u32> {
    let asked = Command::new("javac").arg("--version").output().ok()?;
    let said = text(&asked);
    let version = said.split_whitespace().nth(1)?;
    version.split('.').next()?.parse().ok()
}

/// Both streams as text.
#[must_use]
pub fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

/// What it printed, if it succeeded.
///
/// # Panics
/// When it failed, with everything it said.
#[must_use]
pub fn succeed(what: &str, output: &Output) -> String {
    assert!(
        output.status.success(),
        "{what}: {}\n{}",
        output.status,
        text(output)
    );
    text(output)
}

/// What it printed, if it failed.
///
/// # Panics
/// When it succeeded.
#[must_use]
pub fn fail(what: &str, output: &Output) -> String {
    assert!(
        !output.status.success(),
        "{what} should have failed\n{}",
        text(output)
    );
    text(output)
}
