//! What a device gives back.

use crate::DeviceName;

/// A signature and the device that made it, so that a wrong one can be laid at the right door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// ECDSA: DER `Ecdsa-Sig-Value` (RFC 3279 §2.2.3). RSA and Ed25519: raw octets.
    pub octets: Vec<u8>,
    /// Who made it.
    pub device: DeviceName,
}
