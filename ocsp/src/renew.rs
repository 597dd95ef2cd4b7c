//! New responses before the old ones are due.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use der::Decode;
use kasane_verify::UnixTime;
use kasane_verify::ocsp::{CertId, OcspRequest};

use crate::Responder;
use crate::kept::Kept;

/// The part of a response's first quarter in which it is renewed by itself: the last hour of twelve.
pub(crate) const AHEAD_PART: i64 = 12;

/// What a look at the responses did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// New responses.
    pub renewed: usize,
    /// Left to whoever asks next: nobody had asked for them.
    pub left: usize,
    /// Could not be signed; the next request tries again.
    pub failed: usize,
}

impl Responder {
    /// Signs anew what is kept, was asked for, and is due within the last hour of its twelve: at
    /// most `most`, oldest first. So requests rarely wait for a signature, and what came up in one
    /// morning does not fall due in one second. To be called every second.
    pub fn renew(&self, now: UnixTime, most: usize) -> Renewed {
        let mut done = Renewed::default();
        if self.source.known_as_of(now).is_none() {
            return done;
        }
        for kept in self.cache.take_due(now, most) {
            // Renewed by a request meanwhile, or dropped.
            let newest = self.cache.find(&kept.cert_id);
            if newest.is_none_or(|newest| !Arc::ptr_eq(&newest, &kept)) {
                continue;
            }
            if !kept.asked.load(Ordering::Relaxed) {
                done.left += 1;
            } else if self.renew_one(&kept, now) {
                done.renewed += 1;
            } else {
                done.failed += 1;
            }
        }
        done
    }

    fn renew_one(&self, kept: &Kept, now: UnixTime) -> bool {
        let Ok(issuer) = self.source.issuer(&kept.issuer) else {
            return false;
        };
        let request = CertId::from_der(&kept.cert_id)
            .map_err(Into::into)
            .and_then(|id| OcspRequest::new(vec![id], None));
        let Ok(request) = request else { return false };
        match self.sign_anew(&issuer, &request, None, now) {
            Ok(Some(_)) => true,
            Ok(None) => false,
            Err(reason) => {
                tracing::warn!(issuer.name = issuer.name(), %reason, "OCSP response is not renewed");
                false
            }
        }
    }
}
