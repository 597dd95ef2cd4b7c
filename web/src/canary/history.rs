//! What canaries measured, kept over restarts.

use std::collections::VecDeque;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::CanaryRun;

/// Runs that are kept: a day of them, five minutes apart.
const MOST_RUNS: usize = 288;

const FILE: &str = "canary.json";

/// The last runs, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct History {
    /// Runs in all.
    count: u64,
    runs: VecDeque<CanaryRun>,
}

impl History {
    /// What is kept in `folder`; nothing when it cannot be read, since nothing rests on it.
    pub(super) fn load(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Self::default(),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "what the canary measured cannot be read");
                return Self::default();
            }
        };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), %error, "what the canary measured cannot be read");
            Self::default()
        })
    }

    /// Replaces the file as a whole.
    pub(super) fn save(&self, folder: &Path) -> std::io::Result<()> {
        let path = folder.join(FILE);
        let beside = path.with_extension("json.new");
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        std::fs::rename(beside, path)
    }

    pub(super) fn add(&mut self, run: CanaryRun) {
        self.count += 1;
        while self.runs.len() >= MOST_RUNS {
            self.runs.pop_front();
        }
        self.runs.push_back(run);
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn last(&self) -> Option<&CanaryRun> {
        self.runs.back()
    }

    pub(super) fn runs(&self) -> impl Iterator<Item = &CanaryRun> {
        self.runs.iter()
    }
}

#[cfg(test)]
mod tests {
    use kasane_verify::UnixTime;

    use super::*;

    fn run(second: i64) -> CanaryRun {
        CanaryRun {
            begun: UnixTime::from_seconds(second),
            issuer: "issuing-rsa".into(),
            serial: "01".into(),
            observations: Vec::new(),
            failed: None,
        }
    }

    #[test]
    fn history_is_bounded_and_survives_a_restart_and_a_damaged_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = History::load(folder.path());
        for second in 0..400 {
            history.add(run(second));
        }
        assert_eq!((history.count(), history.runs().count()), (400, MOST_RUNS));
        history.save(folder.path()).unwrap();
        let again = History::load(folder.path());
        assert_eq!(again, history);
        assert_eq!(again.last(), Some(&run(399)));
        std::fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(History::load(folder.path()), History::default());
    }
}
