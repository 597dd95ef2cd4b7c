//! What an examination finds.

use std::fmt;

use serde_json::{Value, json};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Well,
    Warning,
    Wrong,
}

/// One check of one device.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) device: String,
    /// What was looked at: a stable code.
    pub(super) check: &'static str,
    pub(super) outcome: Outcome,
    pub(super) detail: String,
    /// What to do.
    pub(super) advice: Option<String>,
}

impl Finding {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "device": self.device,
            "check": self.check,
            "outcome": self.outcome.as_str(),
            "detail": self.detail,
            "advice": self.advice,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = self.outcome.as_str();
        writeln!(
            f,
            "{:<12} {outcome:<8} {:<22} {}",
            self.device, self.check, self.detail
        )?;
        if let Some(advice) = &self.advice {
            writeln!(f, "{:<12} {:<8} -> {advice}", "", "")?;
        }
        Ok(())
    }
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Warning => "warning",
            Self::Wrong => "WRONG",
        }
    }
}
