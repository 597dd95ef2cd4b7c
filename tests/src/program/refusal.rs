//! Why a command was refused.

use std::ffi::OsStr;
use std::process::Output;

use serde_json::Value;

use super::Kasane;
use crate::tools::text;

/// A refusal: the stable code and the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: String,
    /// What was said.
    pub message: String,
    /// The exit code.
    pub exit: i32,
}

impl Kasane {
    /// Runs it with `--json`; why it refused.
    ///
    /// # Panics
    /// When it did not refuse in the documented form.
    pub fn refusal<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Refusal {
        let output = self.command(arguments).arg("--json").output().unwrap();
        refusal_of(&output)
    }
}

/// Why the program refused.
///
/// # Panics
/// When it did not refuse in the documented form.
#[must_use]
pub fn refusal_of(output: &Output) -> Refusal {
    assert!(
        !output.status.success(),
        "it should have refused: {}",
        text(output)
    );
    let exit = output
        .status
        .code()
        .unwrap_or_else(|| panic!("{}: {}", output.status, text(output)));
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {}", text(output)));
    let field = |name: &str| answer["error"][name].as_str().unwrap().to_owned();
    Refusal {
        code: field("code"),
        message: field("message"),
        exit,
    }
}
