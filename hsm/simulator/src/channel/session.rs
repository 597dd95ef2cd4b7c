//! One session.

use std::time::Instant;

use super::SecureChannel;
use crate::protocol::Capabilities;

/// How far a session has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// CREATE SESSION was answered.
    Created,
    /// AUTHENTICATE SESSION was right: commands may come.
    Authenticated,
}

/// A channel and what its authentication key may do, as it was when the session began.
#[derive(Clone)]
pub struct Session {
    /// The channel.
    pub channel: SecureChannel,
    /// How far it has come.
    pub progress: Progress,
    /// The authentication key.
    pub key_id: u16,
    /// The key's domains.
    pub domains: u16,
    /// The key's capabilities.
    pub capabilities: Capabilities,
    /// What objects made in this session may be able to do.
    pub delegated: Capabilities,
    /// When the last message came.
    pub last_used: Instant,
}
