//! Kinds of objects.

use serde::{Deserialize, Serialize};

use super::Capability;

/// An object's type, which together with its id names it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ObjectType {
    /// 01: octets that the device does not look into.
    Opaque = 0x01,
    /// 02: opens sessions.
    AuthenticationKey = 0x02,
    /// 03: signs.
    AsymmetricKey = 0x03,
    /// 04: wraps other objects.
    WrapKey = 0x04,
    /// 05: authenticates messages.
    HmacKey = 0x05,
}

impl ObjectType {
    /// Every type that is modelled.
    pub const ALL: [Self; 5] = [
        Self::Opaque,
        Self::AuthenticationKey,
        Self::AsymmetricKey,
        Self::WrapKey,
        Self::HmacKey,
    ];

    /// The octet.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The type of an octet.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What a session needs to delete such an object.
    #[must_use]
    pub const fn deleting(self) -> Capability {
        match self {
            Self::Opaque => Capability::DeleteOpaque,
            Self::AuthenticationKey => Capability::DeleteAuthenticationKey,
            Self::AsymmetricKey => Capability::DeleteAsymmetricKey,
            Self::WrapKey => Capability::DeleteWrapKey,
            Self::HmacKey => Capability::DeleteHmacKey,
        }
    }
}
