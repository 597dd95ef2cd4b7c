//! Where an object came from.

use serde::{Deserialize, Serialize};

/// How an object came into the device (YubiHSM Core Concepts, "Origin").
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Origin(pub u8);

impl Origin {
    /// Generated inside.
    pub const GENERATED: Self = Self(0x01);
    /// Imported in the clear.
    pub const IMPORTED: Self = Self(0x02);
    const WRAPPED: u8 = 0x10;

    /// The same, after an import from under wrap.
    #[must_use]
    pub const fn wrapped(self) -> Self {
        Self(self.0 | Self::WRAPPED)
    }
}
