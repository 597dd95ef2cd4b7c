//! The library as it is installed, and programs linked to it by what pkg-config says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};

use kasane_tests::tools::{skip, succeed, text};

/// Valgrind's exit status when it finds anything.
const FOUND: &str = "--error-exitcode=99";

/// A program that was built.
pub(crate) struct Program {
    path: PathBuf,
    libraries: PathBuf,
}

/// Whether a tool can be run; if not, what is left out is noted.
pub(crate) fn there(tool: &str, what: &str) -> bool {
    let output = Command::new(tool)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let there = output.is_ok_and(|output| output.status.success());
    if !there {
        skip(&format!("{what}: {tool} is not installed"));
    }
    there
}

/// The program made of that file, once for all tests; none when a tool is missing.
pub(crate) fn program(source: &'static str) -> Option<&'static Program> {
    static BUILT: Mutex<BTreeMap<&str, Option<&'static Program>>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap();
    *built
        .entry(source)
        .or_insert_with(|| build(source).map(|it| &*Box::leak(Box::new(it))))
}

fn build(source: &str) -> Option<Program> {
    let what = format!("the C program {source}");
    if !(there("cc", &what) && there("pkg-config", &what)) {
        return None;
    }
    let prefix = install();
    let flags = Command::new("pkg-config")
        .args(["--cflags", "--libs", "kasane-verify"])
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
        .output()
        .unwrap();
    let flags = succeed("pkg-config", &flags);
    let name = Path::new(source).file_stem().unwrap();
    let path = prefix.join(name);
    let compiled = Command::new("cc")
        .args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-g"])
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(source))
        .args(flags.split_whitespace())
        .args(["-lpthread", "-o"])
        .arg(&path)
        .output()
        .unwrap();
    let _ = succeed(source, &compiled);
    Some(Program {
        path,
        libraries: prefix.join("lib"),
    })
}

/// Installs the library of this profile, as people do.
fn install() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("installed");
        let installed = installer().arg(&prefix).output().unwrap();
        let _ = succeed("install.sh", &installed);
        prefix
    })
}

/// The installer for this profile.
pub(crate) fn installer() -> Command {
    // Cargo puts tests into the folder `deps` of their profile's.
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).and_then(Path::file_name);
    let profile = match folder.and_then(|name| name.to_str()).unwrap() {
        "debug" => "dev",
        named => named,
    };
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh"));
    command.args(["--profile", profile]);
    command
}

impl Program {
    /// Exit status and what it said.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        self.finish(Command::new(&self.path).args(arguments))
    }

    /// The same; 99 when Valgrind finds an error or a leak.
    pub(crate) fn run_under_valgrind(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new("valgrind");
        // AWS-LC keeps an error queue for each thread; the main thread's is reachable at the end,
        // which Valgrind does not count as an error by itself.
        command.args(["--quiet", "--leak-check=full", FOUND]);
        self.finish(command.arg(&self.path).args(arguments))
    }

    fn finish(&self, command: &mut Command) -> (i32, String) {
        let output = command
            .env("LD_LIBRARY_PATH", &self.libraries)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = text(&output);
        let status = output.status.code();
        (
            status.unwrap_or_else(|| panic!("{}: {said}", output.status)),
            said,
        )
    }
}
