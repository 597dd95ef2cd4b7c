//! The profiles of this network, as they come with the program.

use super::{ProfileError, Profiles};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../policy/profiles/", $name)))),*]
    };
}

/// File names and texts of `policy/profiles/`.
const FILES: &[(&str, &str)] = files![
    "common.toml",
    "root-rsa.toml",
    "root-ecc.toml",
    "issuing-rsa.toml",
    "issuing-ecc-terminal.toml",
    "issuing-ecc-server.toml",
    "issuing-ecc-operator.toml",
    "terminal-rsa.toml",
    "terminal-ecc.toml",
    "terminal-p256.toml",
    "server-ecc.toml",
    "server-rsa.toml",
    "system-client-ecc.toml",
    "system-client-rsa.toml",
    "cross.toml",
    "ocsp-signer.toml",
    "canary.toml",
    "operator.toml",
];

impl Profiles {
    /// The profiles that come with the program: what a new installation starts with.
    ///
    /// # Errors
    /// As [`Profiles::load`].
    pub fn embedded() -> Result<Self, ProfileError> {
        Self::load(FILES.iter().copied())
    }

    /// File names and texts of the embedded profiles, for writing them out.
    #[must_use]
    pub const fn embedded_files() -> &'static [(&'static str, &'static str)] {
        FILES
    }
}
