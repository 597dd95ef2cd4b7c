//! What answers about status are made from.

use std::sync::Arc;

use kasane_hsm::KeyLabel;
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::{SignatureAlgorithm, UnixTime};

use crate::Error;
use crate::authority::{OcspSigner, Status};
use crate::issuer::Issuer;
use crate::projection::StatusChanges;
use crate::signing::SigningError;

/// What an OCSP responder needs to know and to have done: the authority itself, or a replica that
/// follows it.
pub trait StatusSource: Send + Sync {
    /// The present.
    fn now(&self) -> UnixTime;

    /// The time for which what is known speaks, at `now`: thisUpdate of an answer (RFC 6960 §2.4). Never
    /// after `now`. None when nothing may be answered.
    fn known_as_of(&self, now: UnixTime) -> Option<UnixTime>;

    /// What digests.
    fn crypto(&self) -> &dyn CryptoProvider;

    /// Every issuer, by name.
    fn issuers(&self) -> Vec<Arc<Issuer>>;

    /// The issuer of that name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn issuer(&self, name: &str) -> Result<Arc<Issuer>, Error>;

    /// The status of a serial number of `issuer`.
    ///
    /// # Errors
    /// [`Error::Store`].
    fn status(&self, issuer: &str, serial: &[u8]) -> Result<Status, Error>;

    /// Tells cheaply whether a status that was read before still stands.
    fn status_changes(&self) -> &StatusChanges;

    /// The OCSP signers of an issuer whose keys are here and whose certificates stand, oldest first.
    ///
    /// # Errors
    /// [`Error::Ledger`] or [`Error::Store`].
    fn ocsp_signers(&self, issuer: &str) -> Result<Vec<OcspSigner>, Error>;

    /// Key label and window in seconds of every signer that the issuer ever had here, oldest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    fn ocsp_signer_history(&self, issuer: &str) -> Result<Vec<(String, i64)>, Error>;

    /// Days after which a signer is replaced, if anybody said.
    fn rekey_after_days(&self) -> Option<i64>;

    /// Makes a key of that label, or takes the one that is there, and gets it a certificate as OCSP
    /// signer of `issuer`; it answers from then on. Returns serial and end of the certificate.
    ///
    /// # Errors
    /// The error of the step that refused.
    fn order_signer(
        &self,
        issuer: &Issuer,
        label: &KeyLabel,
        window_seconds: i64,
    ) -> Result<(Vec<u8>, UnixTime), Error>;

    /// Signs the `ResponseData` (RFC 6960 §4.2.1) of a response.
    ///
    /// # Errors
    /// [`SigningError`].
    fn sign_ocsp_response(
        &self,
        label: &KeyLabel,
        algorithm: SignatureAlgorithm,
        response_data: &[u8],
    ) -> Result<Vec<u8>, SigningError>;
}
