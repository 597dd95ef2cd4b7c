//! Edge responders.

use serde::{Deserialize, Serialize};

/// Enrol an edge responder, or give one a new token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponderEnrol {
    /// Its name.
    pub name: String,
    /// Where relying systems ask it; empty when it is not to be listed.
    pub url: String,
}

/// List edge responders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponderList {}

/// End an edge responder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponderRemove {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}
