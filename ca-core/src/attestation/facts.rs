//! What an attestation says.

use serde::Serialize;

use super::{AttestationError, Attested, capability};

/// The capability that lets a key leave under wrap (YubiHSM 2 Core Concepts, "Capability").
const EXPORTABLE_UNDER_WRAP: u64 = 1 << 0x10;

/// What a verified attestation says of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttestationFacts {
    /// Major, minor, patch.
    pub firmware: [u8; 3],
    /// The device's serial number.
    pub serial: u64,
    /// How the key came into the device.
    pub origin: Origin,
    /// The domains that it is in, one bit each.
    pub domains: u16,
    /// Its capabilities, one bit each.
    pub capabilities: u64,
    /// Whether it may leave under a wrap key. In the clear no asymmetric key can.
    pub exportable_under_wrap: bool,
    /// Its object ID.
    pub object_id: u16,
    /// Its label.
    pub label: String,
    /// The root that vouches for it, RFC 4514; empty when that was not checked.
    pub root: String,
    /// SHA-256 of that root's certificate, lower-case hex.
    pub root_sha256: String,
    /// The root is a simulator's: it says nothing about hardware.
    pub simulator: bool,
}

/// How a key came into a device (YubiHSM 2 Core Concepts, "Origin").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Origin(pub u8);

impl Origin {
    const GENERATED: u8 = 0x01;
    const IMPORTED: u8 = 0x02;
    const WRAPPED: u8 = 0x10;

    /// Made in a device and never outside one in the clear.
    #[must_use]
    pub const fn was_generated(self) -> bool {
        self.0 & Self::GENERATED != 0 && self.0 & Self::IMPORTED == 0
    }

    /// Came from another device under wrap.
    #[must_use]
    pub const fn came_wrapped(self) -> bool {
        self.0 & Self::WRAPPED != 0
    }
}

impl AttestationFacts {
    /// The names of its capabilities.
    #[must_use]
    pub fn capability_names(&self) -> Vec<String> {
        capability::names(self.capabilities)
    }

    pub(super) const fn may_be_exported(capabilities: u64) -> bool {
        capabilities & EXPORTABLE_UNDER_WRAP != 0
    }

    pub(super) fn must_fit(&self, attested: &Attested<'_>) -> Result<(), AttestationError> {
        if self.label != attested.label {
            return Err(AttestationError::Label {
                expected: attested.label.to_owned(),
                found: self.label.clone(),
            });
        }
        if let Some(expected) = attested.serial
            && expected != self.serial
        {
            return Err(AttestationError::Serial {
                expected,
                found: self.serial,
            });
        }
        if !self.origin.was_generated() {
            return Err(AttestationError::NotGenerated {
                origin: self.origin.0,
            });
        }
        Ok(())
    }
}
