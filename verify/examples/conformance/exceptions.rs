//! Deliberate differences from a suite, each with the text that decides otherwise.

#[cfg(not(test))]
use std::path::Path;

use serde::Deserialize;

const BUILT_IN: &str = include_str!("exceptions.toml");

/// What is said about a case, or about all whose id begins with a prefix (`webpki::*`).
pub(crate) enum Exception {
    /// It comes out as `actual`, because of `reason`.
    Differs { actual: String, reason: String },
    /// It is not run.
    Exempt { reason: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    differs: std::collections::BTreeMap<String, Differs>,
    #[serde(default)]
    exempt: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Differs {
    actual: String,
    reason: String,
}

pub(crate) struct Exceptions(Vec<(String, Exception)>);

impl Exceptions {
    pub(crate) fn built_in() -> Result<Self, String> {
        Self::parse(BUILT_IN).map_err(|error| format!("built-in exceptions: {error}"))
    }

    #[cfg(not(test))]
    pub(crate) fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        Self::parse(&text).map_err(|error| format!("cannot use {}: {error}", file.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let document: Document = toml::from_str(text).map_err(|error| error.to_string())?;
        let differs = document.differs.into_iter().map(|(id, it)| {
            let Differs { actual, reason } = it;
            (id, Exception::Differs { actual, reason })
        });
        let exempt = document
            .exempt
            .into_iter()
            .map(|(id, reason)| (id, Exception::Exempt { reason }));
        Ok(Self(differs.chain(exempt).collect()))
    }

    /// The exact entry, else the first prefix entry.
    pub(crate) fn find(&self, id: &str) -> Option<&Exception> {
        let exact = self.0.iter().find(|(name, _)| name == id);
        let prefix = || {
            self.0.iter().find(|(name, _)| {
                name.strip_suffix('*')
                    .is_some_and(|prefix| id.starts_with(prefix))
            })
        };
        exact.or_else(prefix).map(|(_, exception)| exception)
    }
}
