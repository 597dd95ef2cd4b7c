//! What can be asked for.

use serde::{Deserialize, Serialize};

use super::Pace;
use crate::protocol::DeviceError;

/// Which commands a fault is for: of one code or of any, so many of them or all to come.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Occasion {
    /// The command's code, inside the secure channel if it comes through it; any if absent.
    #[serde(default)]
    pub command: Option<u8>,
    /// How many; all if absent.
    #[serde(default)]
    pub count: Option<u32>,
}

/// Kinds of nonsense.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// Random octets in place of the answer.
    #[default]
    Noise,
    /// The answer without its last octet.
    Truncated,
    /// The answer with its last bit turned: a wrong MAC, in a session.
    WrongMac,
    /// Nothing at all, with status 200.
    Empty,
    /// A page of text with status 502.
    BadGateway,
}

/// One wish, as JSON: `{"do": "delay", "milliseconds": 200, "command": 86, "count": 3}`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Misbehaviour {
    /// Forgets sessions: one, or all.
    DropSessions {
        /// The session's number.
        #[serde(default)]
        session: Option<u8>,
    },
    /// Another time-out for silent sessions.
    SessionTimeout {
        /// Its length.
        milliseconds: u64,
    },
    /// Waits before it executes; the device is busy meanwhile.
    Delay {
        /// How long.
        milliseconds: u64,
        /// For which commands.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// Executes, and answers nonsense.
    Garbage {
        /// Which.
        #[serde(default)]
        kind: Garbage,
        /// For which commands.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// Closes the connection and does not execute: the request was lost.
    LoseRequest {
        /// For which commands.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// Executes and closes the connection: the answer is lost.
    LoseAnswer {
        /// For which commands.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// Does not execute, and answers an error. Errors of the channel come outside of it, and the
    /// session is gone.
    Refuse {
        /// Which.
        error: DeviceError,
        /// For which commands.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// Executes, and answers an error outside of the channel all the same: a connector that lies.
    Lie {
        /// Which.
        error: DeviceError,
        /// For which commands.
        #[serde(flatten)]
        occasion: Occasion,
    },
    /// Writes lines (of BLINK DEVICE) until the log is full.
    FillLog,
    /// How long commands take.
    Pace {
        /// The rule.
        pace: Pace,
    },
    /// From now on the object signs with another key than the one that it tells, until the
    /// simulator behaves or starts again.
    WrongKey {
        /// The asymmetric key's id.
        object: u16,
    },
    /// Closes every connection and serves nobody.
    GoAway {
        /// For how long.
        milliseconds: u64,
    },
    /// Sends header and body in two writes.
    Split {
        /// Or stops doing so.
        on: bool,
    },
    /// Forgets delays, garbage, losses, refusals, lies, wrong keys, splitting and being away, and takes
    /// no time.
    Behave,
}
