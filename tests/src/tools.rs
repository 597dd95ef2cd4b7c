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
        let there = self
            .command()
            .arg(self.probe())
            .stdin(Stdio::null())
            .output()
            .is_ok();
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
        }
    }

    /// The program, ready for arguments.
    #[must_use]
    pub fn command(self) -> Command {
        let mut command = match self {
            Self::OpenSsl => Command::new("openssl"),
            Self::CertTool => Command::new("certtool"),
            // Debian keeps it where only root looks.
            Self::Nginx if Path::new("/usr/sbin/nginx").exists() => Command::new("/usr/sbin/nginx"),
            Self::Nginx => Command::new("nginx"),
            Self::PkiLint => Command::new(root().join(".venv/bin/python")),
            Self::Pkcs11Tool | Self::SoftHsm2Util => Command::new(self.name()),
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
            Self::CertTool | Self::PkiLint | Self::SoftHsm2Util => "--version",
            Self::Nginx => "-v",
            Self::Pkcs11Tool => "--help",
        }
    }
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
