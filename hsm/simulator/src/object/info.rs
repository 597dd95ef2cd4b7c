//! The description of an object.

use serde::{Deserialize, Serialize};

use super::{Label, Origin};
use crate::protocol::{Algorithm, Capabilities, ObjectType};

/// What names an object: type and id together.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ObjectKey {
    /// Its type.
    pub kind: ObjectType,
    /// Its id.
    pub id: u16,
}

/// All that GET OBJECT INFO tells but the length, which follows from the material.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ObjectInfo {
    /// Type and id.
    pub key: ObjectKey,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Bit n stands for domain n + 1.
    pub domains: u16,
    /// What it may be used for.
    pub capabilities: Capabilities,
    /// What may be given to others through it.
    pub delegated: Capabilities,
    /// How often an object of this name existed before.
    pub sequence: u8,
    /// Where it came from.
    pub origin: Origin,
    /// Its label.
    pub label: Label,
}

impl ObjectInfo {
    /// The answer of GET OBJECT INFO.
    #[must_use]
    pub fn encode(&self, length: u16) -> Vec<u8> {
        let mut data = Vec::with_capacity(66);
        data.extend_from_slice(&self.capabilities.0.to_be_bytes());
        data.extend_from_slice(&self.key.id.to_be_bytes());
        data.extend_from_slice(&length.to_be_bytes());
        data.extend_from_slice(&self.domains.to_be_bytes());
        data.extend_from_slice(&[
            self.key.kind.code(),
            self.algorithm.code(),
            self.sequence,
            self.origin.0,
        ]);
        data.extend_from_slice(&self.label.0);
        data.extend_from_slice(&self.delegated.0.to_be_bytes());
        data
    }
}
