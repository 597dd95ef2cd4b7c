//! Revocation.

use der::asn1::OctetString;
use kasane_ledger_schema::CertificateRevoked;
use kasane_verify::UnixTime;
use kasane_verify::revocation::RevocationReason;

use super::Authority;
use crate::projection::certificate::{self, Revocation, State};
use crate::{Actor, Error};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct RevocationOrder<'a> {
    /// The issuer's name.
    pub issuer: &'a str,
    /// The serial number.
    pub serial: &'a [u8],
    /// Why; none is stated when unspecified.
    pub reason: Option<RevocationReason>,
    /// Since when the key was untrustworthy.
    pub invalidity_date: Option<UnixTime>,
}

impl Authority {
    /// Revokes a certificate. From the moment this returns, OCSP says so.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::AlreadyRevoked`]; [`Error::CertificateState`] when it was
    /// never issued or has expired; [`Error::BadArgument`] for an invalidity date in the future.
    pub fn revoke(&self, actor: &Actor, order: &RevocationOrder<'_>) -> Result<Revocation, Error> {
        let name = hex::encode(order.serial);
        // An act that revokes many finds what was there before it, or what is there after this one.
        let _not_many = self.revoking.read();
        let _held = self
            .in_flight
            .hold(format!("certificate/{}/{name}", order.issuer));
        let row =
            certificate::find(self.tables(), order.issuer, order.serial)?.ok_or_else(|| {
                let hint = ": 'kasane list' shows those that exist";
                Error::NotFound {
                    kind: "certificate",
                    name: name.clone(),
                    hint,
                }
            })?;
        let now = self.now();
        // A key may turn out to be compromised after its certificate was revoked for less: from
        // then on it is never certified again. The date stays.
        let compromise = Some(RevocationReason::KeyCompromise.number());
        let worse = order.reason.map(RevocationReason::number) == compromise
            && row
                .revocation
                .is_some_and(|revocation| revocation.reason != compromise);
        if row.revocation.is_some() && !worse {
            return Err(Error::AlreadyRevoked {
                issuer: order.issuer.to_owned(),
                serial: name,
            });
        }
        let refuse = |reason| Error::CertificateState {
            issuer: order.issuer.to_owned(),
            serial: name.clone(),
            reason,
        };
        let issuer = self.issuer(order.issuer)?;
        if !issuer.has_key() {
            return Err(refuse(
                "was issued by a CA whose key is elsewhere: revoke it there, and import the CRL that names it",
            ));
        }
        if issuer.ended {
            return Err(refuse(
                "belongs to a CA that was ended: its final CRL says what is revoked, and nothing follows",
            ));
        }
        let is_root = self
            .issuer(order.issuer)
            .is_ok_and(|issuer| issuer.is_root() && issuer.serial == order.serial);
        if is_root {
            return Err(refuse(
                "is a root's own: no CRL of it could be believed; remove the trust anchor instead",
            ));
        }
        let date = row
            .revocation
            .map_or_else(|| now.seconds(), |revocation| revocation.date);
        if row.state != State::Issued {
            return Err(refuse("was never issued"));
        }
        if row.not_after < now.seconds() {
            return Err(refuse("has expired: nothing is left to revoke"));
        }
        check_invalidity_date(order.invalidity_date, now)?;
        let reason = stated(order.reason)?;
        let event = CertificateRevoked {
            issuer: order.issuer.to_owned(),
            serial: OctetString::new(order.serial)?,
            revocation_date: date,
            reason: reason.map(RevocationReason::number),
            invalidity_date: order.invalidity_date.map(UnixTime::seconds),
        };
        let index = self.append(actor, event.into())?;
        Ok(Revocation {
            date,
            reason: reason.map(RevocationReason::number),
            invalidity_date: order.invalidity_date.map(UnixTime::seconds),
            index,
        })
    }
}

/// Reasons that this authority states. Nothing is suspended, so `certificateHold` and
/// `removeFromCRL` are not among them; `unspecified` is expressed by none (RFC 5280 §5.3.1).
const STATED: [RevocationReason; 7] = [
    RevocationReason::KeyCompromise,
    RevocationReason::CaCompromise,
    RevocationReason::AffiliationChanged,
    RevocationReason::Superseded,
    RevocationReason::CessationOfOperation,
    RevocationReason::PrivilegeWithdrawn,
    RevocationReason::AaCompromise,
];

/// The reason as it is stated, if it is one.
pub(super) fn stated(reason: Option<RevocationReason>) -> Result<Option<RevocationReason>, Error> {
    let reason = reason.filter(|reason| *reason != RevocationReason::Unspecified);
    match reason.filter(|reason| !STATED.contains(reason)) {
        Some(reason) => Err(Error::BadArgument {
            what: "reason",
            reason: format!("{reason} is not used: certificates are never put on hold"),
        }),
        None => Ok(reason),
    }
}

/// Nobody knows the future.
pub(super) fn check_invalidity_date(date: Option<UnixTime>, now: UnixTime) -> Result<(), Error> {
    if date.is_some_and(|date| date > now) {
        return Err(Error::BadArgument {
            what: "invalidity date",
            reason: "it lies in the future".into(),
        });
    }
    Ok(())
}

/// The reason of that name, in reason_name case (`key-compromise`) or as in RFC 5280 (`keyCompromise`);
/// `unspecified` is none.
///
/// # Errors
/// [`Error::BadArgument`] names those that exist.
pub fn parse_reason(name: &str) -> Result<Option<RevocationReason>, Error> {
    if name == RevocationReason::Unspecified.name() {
        return Ok(None);
    }
    let found = STATED
        .into_iter()
        .find(|reason| reason.name() == name || reason_name(*reason) == name);
    found.map(Some).ok_or_else(|| {
        let names = STATED.map(reason_name).join(", ");
        let reason = format!("use unspecified, {names}; certificates are never put on hold");
        Error::BadArgument {
            what: "reason",
            reason,
        }
    })
}

/// A reason as the command line writes it: `keyCompromise` as `key-compromise`.
#[must_use]
pub fn reason_name(reason: RevocationReason) -> String {
    match reason {
        // The ASN.1 module writes their first letters in its own way.
        RevocationReason::CaCompromise => "ca-compromise".to_owned(),
        RevocationReason::AaCompromise => "aa-compromise".to_owned(),
        other => {
            let mut name = String::new();
            for letter in other.name().chars() {
                if letter.is_ascii_uppercase() {
                    name.push('-');
                }
                name.push(letter.to_ascii_lowercase());
            }
            name
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_both_spellings_and_no_hold() {
        assert_eq!(parse_reason("unspecified").unwrap(), None);
        for reason in STATED {
            assert_eq!(parse_reason(reason.name()).unwrap(), Some(reason));
            assert_eq!(parse_reason(&reason_name(reason)).unwrap(), Some(reason));
        }
        let refused = parse_reason("certificateHold").unwrap_err();
        assert!(
            refused.to_string().contains("cessation-of-operation"),
            "{refused}"
        );
    }
}
