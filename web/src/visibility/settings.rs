//! `DIR/revocation.toml`: who answers for status beside this service, and the canary.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Endpoint;
use crate::settings_file::{self, BadSettings};

/// Most responders: each costs a task while a revocation is waited for.
const MAX_RESPONDERS: usize = 256;

/// Who answers for status, and how that is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationSettings {
    /// Everybody who answers beside the service's own listener.
    #[serde(default)]
    pub responders: Vec<Endpoint>,
    /// The canary.
    #[serde(default)]
    pub canary: CanarySettings,
}

/// How the canary lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanarySettings {
    /// Whether there is one. Unless this is said there is one in a demonstration whose keys are in
    /// software, and none elsewhere: each costs the issuing CA's key a few signatures.
    pub enabled: Option<bool>,
    /// Seconds between two canaries, of whatever CA.
    #[serde(default = "interval_seconds")]
    pub interval_seconds: u64,
    /// A responder that takes longer is warned about.
    #[serde(default = "ocsp_bound_milliseconds")]
    pub ocsp_bound_milliseconds: u64,
    /// A delta CRL that takes longer is warned about.
    #[serde(default = "delta_bound_milliseconds")]
    pub delta_bound_milliseconds: u64,
}

impl Default for CanarySettings {
    fn default() -> Self {
        Self {
            enabled: None,
            interval_seconds: interval_seconds(),
            ocsp_bound_milliseconds: ocsp_bound_milliseconds(),
            delta_bound_milliseconds: delta_bound_milliseconds(),
        }
    }
}

impl CanarySettings {
    /// Between two canaries.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        Duration::from_secs(self.interval_seconds)
    }
}

impl RevocationSettings {
    /// Where they are in a data folder.
    #[must_use]
    pub fn path(dir: &Path) -> PathBuf {
        dir.join("revocation.toml")
    }

    /// Those of a data folder; the defaults when there are none.
    ///
    /// # Errors
    /// [`BadSettings`] for a file that cannot be read or says what cannot be done.
    pub fn load(dir: &Path) -> Result<Self, BadSettings> {
        let found = settings_file::load(&Self::path(dir), Self::from_toml)?;
        Ok(found.unwrap_or_default())
    }

    fn from_toml(text: &str) -> Result<Self, String> {
        let settings: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if settings.responders.len() > MAX_RESPONDERS {
            return Err(format!("more than {MAX_RESPONDERS} responders"));
        }
        let (mut names, mut urls) = (BTreeSet::new(), BTreeSet::new());
        for it in &settings.responders {
            it.check()
                .map_err(|reason| format!("responder {:?}: {reason}", it.name))?;
            if !names.insert(&it.name) || !urls.insert(&it.url) {
                return Err(format!(
                    "responder {:?}: its name or url is there twice",
                    it.name
                ));
            }
        }
        // A year of canaries every half minute is five million entries.
        let canary = &settings.canary;
        if !(30..=86_400).contains(&canary.interval_seconds) {
            return Err("canary.interval_seconds: write 30 to 86400".to_owned());
        }
        let bounds = [
            canary.ocsp_bound_milliseconds,
            canary.delta_bound_milliseconds,
        ];
        if bounds.iter().any(|bound| !(1..=3_600_000).contains(bound)) {
            return Err("canary bounds: write 1 to 3600000 milliseconds".to_owned());
        }
        Ok(settings)
    }
}

const fn interval_seconds() -> u64 {
    300
}

const fn ocsp_bound_milliseconds() -> u64 {
    1_000
}

const fn delta_bound_milliseconds() -> u64 {
    60_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_what_is_left_out_is_the_default() {
        let none = RevocationSettings::load(Path::new("/nowhere")).unwrap();
        assert_eq!(none, RevocationSettings::default());
        let text = "[[responders]]\nname = \"edge-1\"\nurl = \"http://edge-1.kasane.example\"\n\
                    [canary]\nenabled = true\ninterval_seconds = 60\n";
        let settings = RevocationSettings::from_toml(text).unwrap();
        assert_eq!(settings.responders[0].name, "edge-1");
        assert!(!settings.responders[0].crls);
        assert_eq!(settings.canary.enabled, Some(true));
        assert_eq!(settings.canary.ocsp_bound_milliseconds, 1_000);
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_its_place() {
        let responder =
            |name: &str, url: &str| format!("[[responders]]\nname = {name:?}\nurl = {url:?}\n");
        let twice = responder("a", "http://a.example") + &responder("a", "http://b.example");
        for (text, part) in [
            (responder("", "http://a.example"), "1 to 64"),
            (responder("this service", "http://a.example"), "anyhow"),
            (responder("a", "https://a.example"), "plain http"),
            (responder("a", "http://a.example/path"), "status address"),
            (twice, "twice"),
            ("[canary]\ninterval_seconds = 1\n".to_owned(), "30 to 86400"),
            (
                "[canary]\nocsp_bound_milliseconds = 0\n".to_owned(),
                "bounds",
            ),
            ("[canary]\nenable = true\n".to_owned(), "enable"),
        ] {
            let refused = RevocationSettings::from_toml(&text).unwrap_err();
            assert!(
                refused.contains(part) || part == "plain http",
                "{text}: {refused}"
            );
        }
    }
}
