//! New signers before the old ones end.

use kasane_ca_core::authority::OcspSignerOrder;
use kasane_ca_core::issuer::Issuer;
use kasane_ca_core::projection::issuer as issuer_table;
use kasane_ca_core::signing::SigningError;
use kasane_ca_core::{Actor, Error, Requester};
use kasane_hsm::{KeyLabel, KeyRole};
use kasane_verify::UnixTime;

use crate::Responder;

/// Seconds from thisUpdate to nextUpdate when an issuer has had no signer to take them from.
const WINDOW_SECONDS: i64 = 48 * 3_600;

/// Days after which a signer is replaced, when its profile names none.
const REKEY_AFTER_DAYS: i64 = 30;

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
}

impl Responder {
    /// Gives each issuing CA a new key and signer whose newest one is gone or old enough to be
    /// replaced (the profile's `rekey_after_days`). To be called at start and every hour or so.
    pub fn ensure_signers(&self, now: UnixTime) -> RollOver {
        let mut roll_over = RollOver::default();
        let _held = self.rolling.lock();
        for issuer in self.authority.issuers() {
            if issuer.is_root() || issuer.not_after <= now {
                continue;
            }
            match self.ensure_signer(&issuer, now) {
                Ok(None) => {}
                Ok(Some(rolled)) => {
                    tracing::info!(
                        issuer.name = rolled.issuer,
                        key.label = rolled.key_label,
                        certificate.serial = hex::encode(&rolled.serial),
                        "new OCSP signer"
                    );
                    roll_over.rolled.push(rolled);
                }
                Err(error) => {
                    tracing::error!(
                        issuer.name = issuer.name(), code = error.code(), %error,
                        "no new OCSP signer"
                    );
                    let issuer = issuer.name().to_owned();
                    roll_over.failed.push(FailedRollOver { issuer, error });
                }
            }
        }
        if !roll_over.rolled.is_empty() {
            self.signers.forget();
        }
        roll_over
    }

    fn ensure_signer(&self, issuer: &Issuer, now: UnixTime) -> Result<Option<RolledOver>, Error> {
        let name = issuer.name();
        let rekey_after_days = self
            .authority
            .profiles()
            .get("ocsp-signer")
            .and_then(|profile| profile.validity().rekey_after_days())
            .map_or(REKEY_AFTER_DAYS, i64::from);
        let signers = self.authority.ocsp_signers(name)?;
        let young = |start: UnixTime| now < start.plus_days(rekey_after_days);
        if signers
            .iter()
            .any(|signer| now <= signer.not_after && young(signer.not_before))
        {
            return Ok(None);
        }
        let rows = issuer_table::ocsp_signers(self.authority.tables(), name)?;
        let label = next_label(name, rows.iter().map(|row| row.key_label.as_str()))?;
        let algorithm = issuer.signer.key_algorithm;
        self.authority
            .generate_key(&Actor::system(), &label, KeyRole::OcspResponder, algorithm)?;
        let order = OcspSignerOrder {
            issuer: name.to_owned(),
            key_label: label.clone(),
            window_seconds: rows.last().map_or(WINDOW_SECONDS, |row| row.window_seconds),
        };
        let issued = self
            .authority
            .issue_ocsp_signer(&Requester::system(), &order)?;
        Ok(Some(RolledOver {
            issuer: issued.issuer,
            key_label: label.to_string(),
            serial: issued.serial,
            not_after: issued.not_after,
        }))
    }
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
