//! OCSP (RFC 6960): the messages, and what a response says about a certificate.
//!
//! The module of RFC 6960 Appendix B has explicit tags; the three choices of `CertStatus` say
//! IMPLICIT themselves.

mod cert_id;
mod check;
mod error;
mod extension;
mod nonce;
mod request;
mod response;

#[cfg(test)]
mod tests;

pub use cert_id::CertId;
pub use check::{OcspAnswer, OcspIssuer, OcspRules, check};
pub(crate) use check::{Surroundings, check_within};
pub use error::OcspError;
pub use extension::{archive_cutoff, extended_revoke};
pub use nonce::Nonce;
pub use request::{
    MAX_REQUEST_BYTES, MAX_REQUESTS, OcspRequest, Request, Signature, TbsRequest, Version,
};
pub use response::{
    BasicOcspResponse, CertStatus, MAX_RESPONSE_BYTES, OcspResponse, OcspResponseStatus,
    ResponderId, ResponseBytes, ResponseData, RevokedInfo, SingleResponse,
};

use x509_cert::ext::Extension;

/// Refuses an extension that appears twice (RFC 5280 §4.2), and critical ones outside `known`.
fn check_extensions(
    extensions: Option<&[Extension]>,
    known: &[const_oid::ObjectIdentifier],
) -> Result<(), OcspError> {
    let extensions = extensions.unwrap_or_default();
    // Quadratic, so bounded: RFC 6960 §4.4 defines nine extensions in all.
    if extensions.len() > 32 {
        return Err(OcspError::TooManyExtensions {
            count: extensions.len(),
        });
    }
    for (index, extension) in extensions.iter().enumerate() {
        if extensions
            .iter()
            .take(index)
            .any(|earlier| earlier.extn_id == extension.extn_id)
        {
            return Err(OcspError::DuplicateExtension(extension.extn_id));
        }
        if extension.critical && !known.contains(&extension.extn_id) {
            return Err(OcspError::CriticalExtension(extension.extn_id));
        }
    }
    Ok(())
}
