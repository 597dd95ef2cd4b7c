//! Why a simulator does not run.

use std::{io, path::PathBuf};

/// What keeps a simulator from starting or going on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not of this computer.
    #[error("listening failed: {address}: {reason}; choose another port, or 0 for a free one")]
    Address {
        /// Address or path.
        address: String,
        /// The operating system's word.
        reason: io::Error,
    },
    /// Only this computer may reach a simulator.
    #[error("listening failed: {address} is not a loopback address; use 127.0.0.1")]
    NotLoopback {
        /// The address.
        address: std::net::SocketAddr,
    },
    /// Another process has the folder.
    #[error("state folder {folder} is in use by another simulator: stop it, or use another folder")]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be read or written.
    #[error("state failed: {path}: {reason}; check that it exists, has room and is yours")]
    Folder {
        /// File or folder.
        path: PathBuf,
        /// The operating system's word.
        reason: io::Error,
    },
    /// What is in the folder was not written by a simulator.
    #[error("state failed: {path}: {reason}; use an empty folder to begin anew")]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No keys, no random numbers.
    #[error("starting failed: {what}: the cryptographic library refused; try again")]
    Cryptography {
        /// What was being made.
        what: &'static str,
    },
    /// No thread, no runtime.
    #[error("starting failed: {reason}; free some resources of the system")]
    Runtime {
        /// The operating system's word.
        reason: io::Error,
    },
    /// It had begun to stop before it was up.
    #[error("starting failed: the simulator ended before it listened; see its output")]
    Ended,
}

impl Error {
    /// A name that does not change.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "simulator_address",
            Self::NotLoopback { .. } => "simulator_not_loopback",
            Self::InUse { .. } => "simulator_in_use",
            Self::Folder { .. } => "simulator_folder",
            Self::State { .. } => "simulator_state",
            Self::Cryptography { .. } => "simulator_cryptography",
            Self::Runtime { .. } => "simulator_runtime",
            Self::Ended => "simulator_ended",
        }
    }
}
