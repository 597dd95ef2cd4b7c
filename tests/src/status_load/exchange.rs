use std::time::{Duration, Instant};

use kasane_verify::UnixTime;
use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{AwsLc, CryptoProvider};
use kasane_verify::ocsp::{Nonce, OcspIssuer, OcspResponse, OcspRules, check};
use kasane_verify::path::AcceptAll;
use kasane_verify::revocation::{Freshness, RevocationReason, Status};

use super::Watched;

/// Two days, the longest time that a response speaks for.
const MAX_AGE_SECONDS: i64 = 48 * 3_600;

/// An answer and its circumstances.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// Before the question was sent.
    pub sent: Instant,
    /// After the answer came.
    pub received: Instant,
    /// The time of day then, cut to seconds.
    pub now: UnixTime,
    /// What was sent with the question.
    pub nonce: Option<&'a Nonce>,
    /// The response, DER.
    pub response: &'a [u8],
}

/// What a right answer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when.
        date: UnixTime,
        /// Why, if that was stated.
        reason: Option<RevocationReason>,
    },
}

impl Exchange<'_> {
    /// Whether that answer may be given about `watched` by somebody who knows a revocation
    /// `visible_within` its acknowledgement.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn judge(&self, watched: &Watched, visible_within: Duration) -> Result<Said, String> {
        let (answer, now) = (self.checked(watched)?, self.now);
        if answer.this_update > now || answer.produced_at > now {
            return Err(format!(
                "of the future: thisUpdate {}, producedAt {}, now {now}",
                answer.this_update, answer.produced_at
            ));
        }
        if answer.next_update.is_none_or(|next| next <= now) {
            return Err(format!(
                "stale: nextUpdate {:?}, now {now}",
                answer.next_update
            ));
        }
        match answer.status {
            Status::Good => {
                let acknowledged = watched.acknowledged.get();
                if acknowledged.is_some_and(|at| *at + visible_within < self.sent) {
                    return Err("good, and its revocation was acknowledged before".to_owned());
                }
                Ok(Said::Good)
            }
            Status::Revoked { date, reason } => {
                if watched.asked.get().is_none_or(|at| *at > self.received) {
                    return Err("revoked, and nobody had asked for that".to_owned());
                }
                Ok(Said::Revoked { date, reason })
            }
            status => Err(format!("{status:?}")),
        }
    }

    fn checked(&self, watched: &Watched) -> Result<kasane_verify::ocsp::OcspAnswer, String> {
        let certificate = Certificate::from_der(&watched.der).unwrap();
        let issuer = Certificate::from_der(&watched.issuer_der).unwrap();
        let key = AwsLc.public_key(issuer.spki()).unwrap();
        let rules = OcspRules {
            at: self.now,
            freshness: Freshness::Required,
            max_age_seconds: MAX_AGE_SECONDS,
            nonce: self.nonce,
            policy: &AcceptAll,
        };
        let response = OcspResponse::parse(self.response).map_err(|error| error.to_string())?;
        let issuer = OcspIssuer::from_certificate(&issuer, &*key);
        check(&AwsLc, &response, &certificate, &issuer, &rules).map_err(|error| error.to_string())
    }
}
