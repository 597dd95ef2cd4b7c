//! What one look at the lists brought.

use std::sync::Arc;

use kasane_ca_core::Error;

use crate::PublishedCrl;

/// What a call published and what it could not.
#[derive(Debug, Default)]
pub struct Sweep {
    /// New lists, in the order of their making.
    pub published: Vec<Arc<PublishedCrl>>,
    /// Whether a revocation waits for a list: one was made just before, or many are being revoked.
    pub later: bool,
    /// Series that failed; they are tried again after a rest.
    pub failed: Vec<Failed>,
}

/// A list that could not be made.
#[derive(Debug)]
pub struct Failed {
    /// The issuer's name.
    pub issuer: String,
    /// The shard.
    pub shard: u32,
    /// Why.
    pub error: Error,
}
