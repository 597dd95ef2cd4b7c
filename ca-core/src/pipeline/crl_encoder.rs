//! What turns a plan and its entries into a `TBSCertList`.

use kasane_verify::UnixTime;

use super::{CrlOctets, CrlPlan};

/// One line of a CRL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedEntry<'a> {
    /// The serial number, big-endian without padding.
    pub serial: &'a [u8],
    /// When it was revoked.
    pub date: UnixTime,
    /// The reason code, if one is stated.
    pub reason: Option<u8>,
    /// When the key became untrustworthy.
    pub invalidity_date: Option<UnixTime>,
}

/// Encodes one CRL while its entries come out of the store.
pub trait CrlEncoder {
    /// The next entry, in the order of the serial numbers' values.
    ///
    /// # Errors
    /// When it is not encodable.
    fn push(&mut self, entry: &RevokedEntry<'_>) -> Result<(), der::Error>;

    /// The whole, once every entry has been pushed.
    ///
    /// # Errors
    /// When it is not encodable.
    fn finish(self: Box<Self>) -> Result<CrlOctets, der::Error>;
}

/// Begins a CRL of which everything but the entries is decided. The number is how many entries are
/// expected; any number may come.
pub type BeginCrl<'a> = dyn Fn(&CrlPlan, u64) -> Result<Box<dyn CrlEncoder>, der::Error> + 'a;
