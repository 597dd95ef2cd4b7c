//! Algorithms of objects.

use serde::{Deserialize, Serialize};

/// The algorithms that objects of the simulator may have.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Algorithm {
    /// 9
    Rsa2048 = 9,
    /// 10
    Rsa3072 = 10,
    /// 11
    Rsa4096 = 11,
    /// 12
    P256 = 12,
    /// 13
    P384 = 13,
    /// 14
    P521 = 14,
    /// 19
    HmacSha1 = 19,
    /// 20
    HmacSha256 = 20,
    /// 21
    HmacSha384 = 21,
    /// 22
    HmacSha512 = 22,
    /// 29
    Aes128CcmWrap = 29,
    /// 30
    OpaqueData = 30,
    /// 31
    OpaqueX509Certificate = 31,
    /// 38: SCP03.
    Aes128YubicoAuthentication = 38,
    /// 41
    Aes192CcmWrap = 41,
    /// 42
    Aes256CcmWrap = 42,
    /// 46
    Ed25519 = 46,
}

impl Algorithm {
    /// Every one.
    pub const ALL: [Self; 17] = [
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::P256,
        Self::P384,
        Self::P521,
        Self::HmacSha1,
        Self::HmacSha256,
        Self::HmacSha384,
        Self::HmacSha512,
        Self::Aes128CcmWrap,
        Self::OpaqueData,
        Self::OpaqueX509Certificate,
        Self::Aes128YubicoAuthentication,
        Self::Aes192CcmWrap,
        Self::Aes256CcmWrap,
        Self::Ed25519,
    ];

    /// The octets that DEVICE INFO lists: the above, and the digests and paddings that signing
    /// commands take (RSA PKCS#1 and PSS and ECDSA with SHA-256/384/512, MGF1).
    pub const ANNOUNCED: [u8; 29] = [
        2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 19, 20, 21, 22, 29, 30, 31, 33, 34, 35, 38, 41,
        42, 43, 44, 45, 46,
    ];

    /// The octet.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The algorithm of an octet.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// Modulus in octets.
    #[must_use]
    pub const fn modulus_bytes(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(256),
            Self::Rsa3072 => Some(384),
            Self::Rsa4096 => Some(512),
            _ => None,
        }
    }

    /// Coordinate in octets.
    #[must_use]
    pub const fn coordinate_bytes(self) -> Option<usize> {
        match self {
            Self::P256 => Some(32),
            Self::P384 => Some(48),
            Self::P521 => Some(66),
            _ => None,
        }
    }

    /// Wrap key in octets.
    #[must_use]
    pub const fn wrap_key_bytes(self) -> Option<usize> {
        match self {
            Self::Aes128CcmWrap => Some(16),
            Self::Aes192CcmWrap => Some(24),
            Self::Aes256CcmWrap => Some(32),
            _ => None,
        }
    }

    /// Block of an HMAC's digest in octets: no key is longer.
    #[must_use]
    pub const fn hmac_block_bytes(self) -> Option<usize> {
        match self {
            Self::HmacSha1 | Self::HmacSha256 => Some(64),
            Self::HmacSha384 | Self::HmacSha512 => Some(128),
            _ => None,
        }
    }

    /// Whether it makes asymmetric keys.
    #[must_use]
    pub const fn is_asymmetric(self) -> bool {
        self.modulus_bytes().is_some()
            || self.coordinate_bytes().is_some()
            || matches!(self, Self::Ed25519)
    }
}
