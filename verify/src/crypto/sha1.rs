//! The one way to have a signature over SHA-1 checked.

/// A provider that also verifies signatures over SHA-1 (RSA, and ECDSA with P-256 and P-521).
///
/// Whoever relies on it relies on nothing: two documents with one SHA-1 are made for the price of a
/// few graphics cards. It is for test vectors and for reading history. Only
/// `AwsLc::dangerously_with_sha1` and `RustCrypto::dangerously_with_sha1` make it.
#[derive(Clone, Copy, Debug)]
pub struct DangerousSha1<P> {
    pub(super) provider: P,
}

/// Whether signatures over SHA-1 are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sha1 {
    Refused,
    DangerouslyAccepted,
}

impl Sha1 {
    pub(super) const fn is_accepted(self) -> bool {
        matches!(self, Self::DangerouslyAccepted)
    }
}
