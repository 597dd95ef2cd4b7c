//! The fast way: what is kept and known to stand.

use kasane_verify::UnixTime;

use crate::{Responder, Response, plain};

impl Responder {
    /// The response that is kept for `request_der`, when it still says what is true and is fresh.
    /// Reads no store and signs nothing, so it may be called where nothing may block. `issuer` is as in
    /// [`Responder::respond`], which is to be asked when there is none here.
    #[must_use]
    pub fn prepared(
        &self,
        issuer: Option<&str>,
        request_der: &[u8],
        now: UnixTime,
    ) -> Option<Response> {
        let kept = self.cache.find(plain::cert_id(request_der)?)?;
        let is_asked = issuer.is_none_or(|name| name == &*kept.issuer);
        let stands = is_asked && kept.is_fresh(now) && kept.stands(self.source.status_changes());
        stands.then(|| kept.hand_out())
    }
}
