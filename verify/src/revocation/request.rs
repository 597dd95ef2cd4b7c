//! What evidence is missing.

use crate::path::Position;

/// Most addresses of one kind that are taken from a certificate.
pub(crate) const MAX_LOCATIONS: usize = 8;

/// Asks the caller for evidence about one certificate. Any one of the answers may suffice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationRequest {
    /// Which certificate of the question.
    pub position: Position,
    /// Its subject in RFC 4514 form.
    pub subject: String,
    /// Its serial number in hexadecimal.
    pub serial: String,
    /// DER of its issuer's name.
    pub issuer: Vec<u8>,
    /// DER of its issuer's key.
    pub issuer_spki: Vec<u8>,
    /// Where OCSP is answered, and what to ask there; empty when OCSP does not count.
    pub ocsp: Option<OcspLocation>,
    /// Where CRLs are; one for each distribution point, or one without address for the CRL of the
    /// issuer when the certificate names none. Empty when CRLs do not count.
    pub crls: Vec<CrlLocation>,
    /// Why the evidence supplied so far does not suffice.
    pub problems: Vec<String>,
}

/// An OCSP responder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspLocation {
    /// Addresses, in the certificate's order.
    pub uris: Vec<String>,
    /// The request in DER, without nonce, so that answers can be cached (RFC 9919).
    pub request: Vec<u8>,
}

/// A CRL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlLocation {
    /// Addresses of the complete CRL, in the certificate's order.
    pub uris: Vec<String>,
    /// Addresses of its delta (freshestCRL); optional.
    pub delta_uris: Vec<String>,
    /// DER of the name of the CRL's issuer.
    pub issuer: Vec<u8>,
}
