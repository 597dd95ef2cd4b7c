//! A response that is kept for the next who asks.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kasane_ca_core::authority::Status;
use kasane_ca_core::projection::StatusChanges;
use kasane_verify::UnixTime;

use crate::Response;

/// Seconds before nextUpdate in which a response that nobody could renew is handed out no more:
/// whoever caches it may do so for as long.
const LAST_SECONDS: i64 = 300;

/// A signed response about one certificate.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The `CertID` of the request, DER.
    pub(crate) cert_id: Box<[u8]>,
    /// The issuer's name.
    pub(crate) issuer: Arc<str>,
    /// The serial number, as it is recorded.
    pub(crate) serial: Box<[u8]>,
    /// What it says.
    pub(crate) status: Status,
    /// When it was signed.
    pub(crate) produced_at: UnixTime,
    /// From here on another is signed.
    pub(crate) renew_at: UnixTime,
    /// The end of what it says.
    pub(crate) next_update: UnixTime,
    /// The serial of the signer's certificate.
    pub(crate) signer: Arc<[u8]>,
    pub(crate) response: Response,
    pub(crate) stamps: Stamps,
    /// Whether anybody asked since it was signed.
    pub(crate) asked: AtomicBool,
}

/// Until when the status of certificate and signer is known to stand.
#[derive(Debug)]
pub(crate) struct Stamps {
    certificate: AtomicU64,
    signer: AtomicU64,
}

impl Stamps {
    /// Taken before either status was read.
    pub(crate) const fn new(certificate: u64, signer: u64) -> Self {
        Self {
            certificate: AtomicU64::new(certificate),
            signer: AtomicU64::new(signer),
        }
    }
}

impl Kept {
    /// Whether it may be handed out at `now` as it is.
    pub(crate) fn is_fresh(&self, now: UnixTime) -> bool {
        // A clock that was set back makes an answer of the future: nobody would take it.
        self.produced_at <= now && now < self.renew_at
    }

    /// Whether it may still be handed out when no other can be signed.
    pub(crate) fn is_current(&self, now: UnixTime) -> bool {
        self.produced_at <= now && now.plus_seconds(LAST_SECONDS) < self.next_update
    }

    /// Whether certificate and signer are what they were, without reading either.
    pub(crate) fn stands(&self, changes: &StatusChanges) -> bool {
        let certificate = self.stamps.certificate.load(Ordering::Relaxed);
        let signer = self.stamps.signer.load(Ordering::Relaxed);
        changes.is_unchanged(&self.serial, certificate)
            && changes.is_unchanged(&self.signer, signer)
    }

    /// Both were read after these stamps were taken, and are what they were.
    pub(crate) fn confirm(&self, stamps: &Stamps) {
        for (mine, new) in [
            (&self.stamps.certificate, &stamps.certificate),
            (&self.stamps.signer, &stamps.signer),
        ] {
            mine.store(new.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// The response, for somebody who asks.
    pub(crate) fn hand_out(&self) -> Response {
        if !self.asked.load(Ordering::Relaxed) {
            self.asked.store(true, Ordering::Relaxed);
        }
        self.response.clone()
    }
}

/// What is kept, found by its `CertID`.
#[derive(Clone, Debug)]
pub(crate) struct ByCertId(pub(crate) Arc<Kept>);

impl Borrow<[u8]> for ByCertId {
    fn borrow(&self) -> &[u8] {
        &self.0.cert_id
    }
}

impl Hash for ByCertId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // As a slice hashes: `Borrow` asks for it.
        (*self.0.cert_id).hash(state);
    }
}

impl PartialEq for ByCertId {
    fn eq(&self, other: &Self) -> bool {
        self.0.cert_id == other.0.cert_id
    }
}

impl Eq for ByCertId {}
