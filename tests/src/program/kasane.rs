//! Commands on a data folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::binary;
use crate::tools::text;

/// A data folder and the program that works on it.
#[derive(Clone, Debug)]
pub struct Kasane {
    pub(super) dir: PathBuf,
    env: Vec<(String, String)>,
}

impl Kasane {
    /// The program on that folder.
    #[must_use]
    pub fn on(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            env: Vec::new(),
        }
    }

    /// The same with a variable of the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A command with `--dir`, ready to run.
    #[must_use]
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).arg("--dir").arg(&self.dir);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs it.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it with `--json`; what it printed.
    ///
    /// # Panics
    /// When it failed or printed no JSON.
    pub fn json<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Value {
        let output = self.command(arguments).arg("--json").output().unwrap();
        assert!(
            output.status.success(),
            "{}: {}",
            output.status,
            text(&output)
        );
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", text(&output)))
    }
}
