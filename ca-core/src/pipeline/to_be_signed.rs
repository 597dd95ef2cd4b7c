//! What the door needs to know of bytes to be signed.

use kasane_hsm::Priority;
use kasane_ledger::Ledger;
use kasane_ledger_schema::Event;

use super::SignerIdentity;
use crate::Error;
use crate::signing::Product;

/// Bytes to be signed, fixed before lint and identical after signing.
pub trait ToBeSigned {
    /// The bytes: a `TBSCertificate` or a `TBSCertList`, DER.
    fn der(&self) -> &[u8];

    /// What it will be.
    fn product(&self) -> Product;

    /// Who signs. The bytes name its signature algorithm.
    fn signer(&self) -> &SignerIdentity;

    /// How urgent the signature is.
    fn priority(&self) -> Priority;

    /// The entry that records it; large bytes are made durable as a blob first.
    ///
    /// # Errors
    /// When the ledger cannot store the blob or the entry does not fit.
    fn record_event(&self, ledger: &Ledger) -> Result<Event, Error>;
}
