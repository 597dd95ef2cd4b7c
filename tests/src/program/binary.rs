//! The binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::tools::root;

/// The binary: `KASANE_BIN`, or built here in the release profile.
///
/// # Panics
/// When it cannot be built.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "how ./test names the binary it built"
)]
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("KASANE_BIN") {
            return path.into();
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .current_dir(root())
            .args([
                "build",
                "--release",
                "--package",
                "kasane-cli",
                "--message-format=json",
            ])
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(built.status.success(), "the program does not build");
        String::from_utf8(built.stdout)
            .unwrap()
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .unwrap()
    })
}
