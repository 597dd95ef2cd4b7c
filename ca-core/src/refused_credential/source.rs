//! Where a credential came from, and whether that changed.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use kasane_hsm::config::Credential;

/// Where a credential came from, as it was when it was read.
#[derive(Clone, Debug)]
pub(super) struct Source {
    credential: Credential,
    /// Of a file: changes whenever the file is written or replaced.
    pub(super) stamp: Option<String>,
}

impl Source {
    pub(super) fn now(credential: &Credential) -> Self {
        let stamp = match credential {
            Credential::File(path) => Some(stamp(path)),
            Credential::Environment(_) | Credential::Prompt(_) => None,
        };
        Self {
            credential: credential.clone(),
            stamp,
        }
    }

    /// Whether it is another one by now than the one that was read.
    pub(super) fn has_changed_since(&self) -> bool {
        Self::now(&self.credential).stamp != self.stamp
    }

    /// How people correct it.
    pub(super) fn correction(&self) -> String {
        match &self.credential {
            Credential::File(path) => format!("write the right one into {}", path.display()),
            Credential::Environment(name) => {
                format!("set the variable {name} of the environment to the right one")
            }
            Credential::Prompt(_) => "find out the right one".to_owned(),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.credential {
            Credential::File(path) => write!(f, "file {}", path.display()),
            Credential::Environment(name) => write!(f, "variable {name} of the environment"),
            Credential::Prompt(_) => f.write_str("terminal"),
        }
    }
}

/// Inode and modification time: nothing of the content, not even its length.
fn stamp(path: &Path) -> String {
    match std::fs::metadata(path) {
        Ok(it) => format!("{} {}.{:09}", it.ino(), it.mtime(), it.mtime_nsec()),
        Err(_) => "not there".to_owned(),
    }
}
