//! An answer as it is handed out.

use std::sync::Arc;

use bytes::Bytes;
use kasane_verify::UnixTime;
use kasane_verify::crypto::{CryptoProvider, DigestAlgorithm};
use kasane_verify::ocsp::OcspResponseStatus;

/// An OCSP response.
#[derive(Clone, Debug)]
pub struct Response {
    /// `OCSPResponse`, DER.
    pub der: Bytes,
    /// Whether there is an answer in it.
    pub status: OcspResponseStatus,
    /// Until when others may use it; none for errors, nonces and serial numbers without
    /// a certificate.
    pub cacheable: Option<Cacheable>,
    /// SHA-256 of the bytes, lower-case hex.
    pub etag: Arc<str>,
}

/// The times of a response that others may use as well (RFC 5019 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cacheable {
    /// thisUpdate.
    pub this_update: UnixTime,
    /// nextUpdate.
    pub next_update: UnixTime,
    /// When it was signed.
    pub produced_at: UnixTime,
}

impl Response {
    pub(crate) fn new(
        crypto: &dyn CryptoProvider,
        der: Vec<u8>,
        status: OcspResponseStatus,
        cacheable: Option<Cacheable>,
    ) -> Self {
        let etag = hex::encode(crypto.digest(DigestAlgorithm::Sha256, &der));
        Self {
            der: der.into(),
            status,
            cacheable,
            etag: etag.into(),
        }
    }

    /// An answer without an answer.
    pub(crate) fn error(crypto: &dyn CryptoProvider, status: OcspResponseStatus) -> Self {
        // RFC 6960 §4.2.1: SEQUENCE { ENUMERATED }.
        let number = u8::try_from(status as u32).unwrap_or(2);
        Self::new(crypto, vec![0x30, 3, 0x0a, 1, number], status, None)
    }
}
