//! An answer as it is handed out.

use std::time::{Duration, SystemTime};

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
    /// What tells a cache whether it has these bytes; none when nobody may keep them.
    pub validators: Option<Validators>,
}

/// Validators of HTTP (RFC 9110 §8.8), as RFC 9919 §6.2 wants them with a response, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    /// SHA-256 of the bytes, lower-case hex, in quotes.
    pub etag: Bytes,
    /// When it was signed, as IMF-fixdate.
    pub last_modified: Bytes,
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
        let validators = cacheable.map(|times| Validators::new(crypto, &der, times.produced_at));
        Self {
            der: der.into(),
            status,
            cacheable,
            validators,
        }
    }

    /// An answer without an answer.
    pub(crate) fn error(crypto: &dyn CryptoProvider, status: OcspResponseStatus) -> Self {
        // RFC 6960 §4.2.1: SEQUENCE { ENUMERATED }.
        let number = u8::try_from(status as u32).unwrap_or(2);
        Self::new(crypto, vec![0x30, 3, 0x0a, 1, number], status, None)
    }
}

impl Validators {
    fn new(crypto: &dyn CryptoProvider, der: &[u8], produced_at: UnixTime) -> Self {
        let etag = hex::encode(crypto.digest(DigestAlgorithm::Sha256, der));
        // A `UnixTime` lies between 1970 and 9999, as the form does.
        let seconds = u64::try_from(produced_at.seconds()).unwrap_or(0);
        let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        Self {
            etag: format!("\"{etag}\"").into(),
            last_modified: date.into(),
        }
    }
}
