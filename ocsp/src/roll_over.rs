//! New signers before the old ones end.

use std::collections::HashMap;

use kasane_ca_core::Error;
use kasane_ca_core::authority::{OcspSigner, Status};
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::signing::SigningError;
use kasane_hsm::KeyLabel;
use kasane_verify::UnixTime;

use crate::Responder;

/// Seconds from thisUpdate to nextUpdate when an issuer has had no signer to take them from.
const WINDOW_SECONDS: i64 = 48 * 3_600;

/// Days after which a signer is replaced, when its profile names none.
const REKEY_AFTER_DAYS: i64 = 30;

/// A request that finds no signer has one made, but after a failure not before so many seconds.
const REST_SECONDS: i64 = 30;

/// What is remembered between two looks.
#[derive(Debug, Default)]
pub(crate) struct Rolling {
    /// The young signer that each issuer was last seen with, so that most looks read one row.
    young: HashMap<String, OcspSigner>,
    /// When each issuer last could get none.
    failed: HashMap<String, UnixTime>,
}

/// What a look at the signers did.
#[derive(Debug, Default)]
pub struct RollOver {
    /// New signers.
    pub rolled: Vec<RolledOver>,
    /// Issuers that could get none; the old signer answers on until its end.
    pub failed: Vec<FailedRollOver>,
}

/// A new signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledOver {
    /// The issuer.
    pub issuer: String,
    /// The label of the new key.
    pub key_label: String,
    /// The serial of the new certificate.
    pub serial: Vec<u8>,
    /// Its end.
    pub not_after: UnixTime,
}

/// An issuer that could get no new signer.
#[derive(Debug)]
pub struct FailedRollOver {
    /// The issuer.
    pub issuer: String,
    /// Why.
    pub error: Error,
    /// Until when the last signer it has answers: nobody does after that. None if it has none now.
    pub answers_until: Option<UnixTime>,
}

impl Responder {
    /// Gives each issuing CA a new key and signer whose newest one is gone, begins in the future (a
    /// clock was wrong) or is old enough to be replaced (the profile's `rekey_after_days`). Reads
    /// one row per issuer when there is nothing to do. To be called at start and every minute.
    pub fn ensure_signers(&self, now: UnixTime) -> RollOver {
        let mut roll_over = RollOver::default();
        let mut rolling = self.rolling.lock();
        for issuer in self.source.issuers() {
            self.look_after(&issuer, now, &mut rolling, &mut roll_over);
        }
        roll_over
    }

    /// The same for one issuer, for a request that found no signer of it; whether there is a new one.
    /// Who comes while another is at it, or soon after a failure, is told no.
    pub(crate) fn replace_signer(&self, issuer: &Issuer, now: UnixTime) -> bool {
        let Some(mut rolling) = self.rolling.try_lock() else {
            return false;
        };
        let rests = |failed: &UnixTime| *failed <= now && now.seconds_since(*failed) < REST_SECONDS;
        if rolling.failed.get(issuer.name()).is_some_and(rests) {
            return false;
        }
        let mut roll_over = RollOver::default();
        self.look_after(issuer, now, &mut rolling, &mut roll_over);
        !roll_over.rolled.is_empty()
    }

    fn look_after(
        &self,
        issuer: &Issuer,
        now: UnixTime,
        rolling: &mut Rolling,
        roll_over: &mut RollOver,
    ) {
        if !issuer.wants_ocsp_signer(now) {
            return;
        }
        let name = issuer.name().to_owned();
        let made = match begins_later(issuer, now) {
            Some(error) => Err(error),
            None => self.ensure_signer(issuer, now, &mut rolling.young),
        };
        match made {
            Ok(None) => {
                rolling.failed.remove(&name);
            }
            Ok(Some(rolled)) => {
                tracing::info!(
                    issuer.name = rolled.issuer,
                    key.label = rolled.key_label,
                    certificate.serial = hex::encode(&rolled.serial),
                    "new OCSP signer"
                );
                rolling.failed.remove(&name);
                self.signers.forget();
                roll_over.rolled.push(rolled);
            }
            Err(error) => {
                let answers_until = self.last_end(&name, now);
                tracing::error!(
                    issuer.name = name, code = error.code(), %error,
                    answers_until = answers_until.map(|end| end.to_string()),
                    "no new OCSP signer: OCSP ends with the present one"
                );
                rolling.failed.insert(name.clone(), now);
                roll_over.failed.push(FailedRollOver {
                    issuer: name,
                    error,
                    answers_until,
                });
            }
        }
    }

    /// When the last signer ends that may answer now.
    fn last_end(&self, issuer: &str, now: UnixTime) -> Option<UnixTime> {
        let signers = self.source.ocsp_signers(issuer).ok()?;
        let present = signers.iter().filter(|signer| signer.not_before <= now);
        present.map(|signer| signer.not_after).max()
    }

    fn ensure_signer(
        &self,
        issuer: &Issuer,
        now: UnixTime,
        known: &mut HashMap<String, OcspSigner>,
    ) -> Result<Option<RolledOver>, Error> {
        let name = issuer.name();
        let rekey_after_days = self.source.rekey_after_days().unwrap_or(REKEY_AFTER_DAYS);
        let is_young = |signer: &OcspSigner| {
            signer.not_before <= now
                && now <= signer.not_after
                && now < signer.not_before.plus_days(rekey_after_days)
        };
        if let Some(signer) = known.get(name).filter(|signer| is_young(signer))
            && self.source.status(name, &signer.serial)? == Status::Good
        {
            return Ok(None);
        }
        let signers = self.source.ocsp_signers(name)?;
        if let Some(signer) = signers.into_iter().rfind(is_young) {
            known.insert(name.to_owned(), signer);
            return Ok(None);
        }
        let history = self.source.ocsp_signer_history(name)?;
        let label = next_label(name, history.iter().map(|(label, _)| label.as_str()))?;
        let window_seconds = history.last().map_or(WINDOW_SECONDS, |(_, window)| *window);
        let (serial, not_after) = self.source.order_signer(issuer, &label, window_seconds)?;
        Ok(Some(RolledOver {
            issuer: name.to_owned(),
            key_label: label.to_string(),
            serial,
            not_after,
        }))
    }
}

/// A clock that is before the CA's own beginning is wrong, and no signer of that time could be
/// believed: no key is made for one.
fn begins_later(issuer: &Issuer, now: UnixTime) -> Option<Error> {
    let latest = issuer.signer.not_before.filter(|begin| now < *begin)?;
    Some(Error::ClockBehind { now, latest })
}

/// `ocsp-<issuer>-<n>`, one above the highest that has a certificate: a key that a crash left
/// without one is used then.
fn next_label<'a>(issuer: &str, labels: impl Iterator<Item = &'a str>) -> Result<KeyLabel, Error> {
    let prefix = format!("ocsp-{issuer}-");
    let highest = labels
        .filter_map(|label| label.strip_prefix(&prefix)?.parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    let label = format!("{prefix}{}", highest.saturating_add(1));
    Ok(KeyLabel::new(label).map_err(SigningError::from)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_counts_on_from_the_highest() {
        let next = |labels: &[&str]| {
            next_label("issuing-rsa", labels.iter().copied())
                .unwrap()
                .to_string()
        };
        assert_eq!(next(&[]), "ocsp-issuing-rsa-1");
        assert_eq!(
            next(&["ocsp-issuing-rsa-9", "ocsp-issuing-rsa-10"]),
            "ocsp-issuing-rsa-11"
        );
        assert_eq!(
            next(&["ocsp-issuing-rsa", "ocsp-issuing-ecc-4"]),
            "ocsp-issuing-rsa-1"
        );
    }
}
