//! What a session or an object may do.

use serde::{Deserialize, Serialize};

/// One bit of the 64 (YubiHSM Core Concepts, "Capability"); those that the simulator asks about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Capability {
    /// Reads opaque objects.
    GetOpaque = 0x00,
    /// Imports opaque objects.
    PutOpaque = 0x01,
    /// Imports authentication keys.
    PutAuthenticationKey = 0x02,
    /// Imports asymmetric keys.
    PutAsymmetricKey = 0x03,
    /// Generates asymmetric keys.
    GenerateAsymmetricKey = 0x04,
    /// RSASSA-PKCS1-v1_5.
    SignPkcs = 0x05,
    /// RSASSA-PSS.
    SignPss = 0x06,
    /// ECDSA.
    SignEcdsa = 0x07,
    /// EdDSA.
    SignEddsa = 0x08,
    /// Exports under wrap.
    ExportWrapped = 0x0c,
    /// Imports from under wrap.
    ImportWrapped = 0x0d,
    /// Imports wrap keys.
    PutWrapKey = 0x0e,
    /// Generates wrap keys.
    GenerateWrapKey = 0x0f,
    /// May leave the device, under wrap.
    ExportableUnderWrap = 0x10,
    /// Sets options.
    SetOption = 0x11,
    /// Reads options.
    GetOption = 0x12,
    /// Asks for random octets.
    GetPseudoRandom = 0x13,
    /// Imports HMAC keys.
    PutHmacKey = 0x14,
    /// Generates HMAC keys.
    GenerateHmacKey = 0x15,
    /// HMAC.
    SignHmac = 0x16,
    /// Checks an HMAC.
    VerifyHmac = 0x17,
    /// Reads the log and sets its index.
    GetLogEntries = 0x18,
    /// Resets the device.
    ResetDevice = 0x1c,
    /// Attests keys.
    SignAttestationCertificate = 0x22,
    /// Encrypts data with a wrap key.
    WrapData = 0x25,
    /// Decrypts data with a wrap key.
    UnwrapData = 0x26,
    /// Deletes opaque objects.
    DeleteOpaque = 0x27,
    /// Deletes authentication keys.
    DeleteAuthenticationKey = 0x28,
    /// Deletes asymmetric keys.
    DeleteAsymmetricKey = 0x29,
    /// Deletes wrap keys.
    DeleteWrapKey = 0x2a,
    /// Deletes HMAC keys.
    DeleteHmacKey = 0x2b,
    /// Changes the session's own authentication key.
    ChangeAuthenticationKey = 0x2e,
}

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Capabilities(pub u64);

impl Capabilities {
    /// What the key of delivery has and delegates: "all" of Yubico's shell sets every bit, also
    /// those without a meaning.
    pub const ALL: Self = Self(u64::MAX);

    /// Whether one is in it.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u8) != 0
    }

    /// Whether all of these are in `other`.
    #[must_use]
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}
