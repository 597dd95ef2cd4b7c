//! The two static keys of an authentication key.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Salt and rounds by which passwords become keys (YubiHSM Core Concepts, "Authentication key").
const SALT: &[u8] = b"Yubico";
const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).unwrap();

/// K-ENC and K-MAC.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct AuthenticationKey {
    pub(super) encryption: [u8; 16],
    pub(super) mac: [u8; 16],
}

impl AuthenticationKey {
    /// Both keys as the wire carries them: encryption, then MAC.
    #[must_use]
    pub fn from_octets(octets: &[u8; 32]) -> Self {
        let (mut encryption, mut mac) = ([0; 16], [0; 16]);
        encryption.copy_from_slice(&octets[..16]);
        mac.copy_from_slice(&octets[16..]);
        Self { encryption, mac }
    }

    /// The keys that a password stands for.
    #[must_use]
    pub fn from_password(password: &[u8]) -> Self {
        let mut octets = [0; 32];
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            ROUNDS,
            SALT,
            password,
            &mut octets,
        );
        let key = Self::from_octets(&octets);
        octets.zeroize();
        key
    }

    /// Both keys, encryption first.
    #[must_use]
    pub fn octets(&self) -> [u8; 32] {
        let mut octets = [0; 32];
        octets[..16].copy_from_slice(&self.encryption);
        octets[16..].copy_from_slice(&self.mac);
        octets
    }
}
