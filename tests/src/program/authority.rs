//! An authority made by commands, and what it says of itself.

use std::ffi::OsStr;

use serde::Deserialize;
use serde_json::Value;

use super::Kasane;

impl Kasane {
    /// Runs the ceremony of the demonstration and registers a facility of 4 terminals.
    ///
    /// # Panics
    /// When a step fails.
    pub fn found(&self) {
        let script = self.dir.with_extension("ceremony.toml");
        std::fs::write(&script, crate::sample::SCRIPT).unwrap();
        let _ = self.json([OsStr::new("ceremony"), script.as_os_str()]);
        // Tests count what they issue.
        let settings = self.dir.join("revocation.toml");
        std::fs::write(settings, "[canary]\nenabled = false\n").unwrap();
        let _ = self.json([
            "facility",
            "add",
            crate::sample::FACILITY,
            "--terminals",
            "4",
        ]);
    }

    /// The arguments of `issue` for a terminal of the sample facility.
    #[must_use]
    pub fn issue_arguments<'a>(
        csr: &'a str,
        terminal: &'a str,
        request_key: &'a str,
    ) -> [&'a str; 11] {
        let facility = crate::sample::FACILITY;
        [
            "issue",
            "--profile",
            "terminal-ecc",
            "--facility",
            facility,
            "--terminal",
            terminal,
            "--csr",
            csr,
            "--request-key",
            request_key,
        ]
    }

    /// Every certificate that the authority knows of, burnt ones included.
    ///
    /// # Panics
    /// When `list` fails.
    #[must_use]
    pub fn certificates(&self) -> Vec<Listed> {
        let answer = self.json(["list", "--limit", "10000"]);
        assert_eq!(answer["more"], false);
        serde_json::from_value(answer["certificates"].clone()).unwrap()
    }

    /// Entries of the ledger, after checking all of it.
    ///
    /// # Panics
    /// When it does not verify.
    #[must_use]
    pub fn verified_ledger_size(&self) -> u64 {
        self.json(["ledger", "verify"])["entries"].as_u64().unwrap()
    }
}

/// A line of `kasane list`.
#[derive(Clone, Debug, Deserialize)]
pub struct Listed {
    /// The issuer.
    pub issuer: String,
    /// The serial number.
    pub serial: String,
    /// Whom it names.
    pub subject: String,
    /// `valid`, `abandoned`, …
    pub state: String,
    /// When and why it was revoked.
    pub revocation: Option<Value>,
}
