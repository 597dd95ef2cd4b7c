//! The form of commands on the socket: `POST /v1/command`, JSON both ways.

use serde::{Deserialize, Serialize};

use super::{Problem, Request, Response};

/// The version that a request must name.
pub const API_VERSION: u32 = 1;

/// Where commands are posted.
pub const COMMAND_PATH: &str = "/v1/command";

/// Largest request: a list of a million serial numbers to be revoked fits.
pub const MAX_REQUEST_BYTES: usize = 48 * 1024 * 1024;

/// A request as it travels.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// [`API_VERSION`].
    pub version: u32,
    /// What is asked.
    pub command: Request,
}

/// An answer as it travels.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// It was done.
    Ok(Box<Response>),
    /// It was not.
    Error(Problem),
}
