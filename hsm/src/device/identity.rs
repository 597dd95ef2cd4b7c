//! Which device it is.

/// Which device it is, as the device says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceIdentity {
    /// Who made it: `Yubico`, a PKCS#11 token's `manufacturerID`.
    pub manufacturer: String,
    /// What it is: `YubiHSM 2`, a token's `model`.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// Its firmware's version: `2.4.0`.
    pub firmware: String,
}
