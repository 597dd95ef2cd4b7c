//! Revocation.

use der::asn1::OctetString;
use kasane_ledger_schema::CertificateRevoked;
use kasane_verify::UnixTime;

use super::Authority;
use crate::projection::certificate::{self, Revocation, State};
use crate::{Actor, Error};

/// Why a certificate is revoked (RFC 5280 §5.3.1). `certificateHold` and `removeFromCRL` are not
/// offered: nothing is suspended here. `unspecified` is expressed by no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ReasonCode {
    /// The subject's key is in other hands.
    KeyCompromise = 1,
    /// The issuer's key is in other hands.
    CaCompromise = 2,
    /// The facility changed or lost its identity.
    AffiliationChanged = 3,
    /// A newer certificate took its place.
    Superseded = 4,
    /// The terminal or system is gone.
    CessationOfOperation = 5,
    /// The right to hold it was withdrawn.
    PrivilegeWithdrawn = 9,
    /// An attribute authority's key is in other hands.
    AaCompromise = 10,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct RevocationOrder<'a> {
    /// The issuer's name.
    pub issuer: &'a str,
    /// The serial number.
    pub serial: &'a [u8],
    /// Why; none is stated when unspecified.
    pub reason: Option<ReasonCode>,
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
        if row.revocation.is_some() {
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
        if row.state != State::Issued {
            return Err(refuse("was never issued"));
        }
        if row.not_after < now.seconds() {
            return Err(refuse("has expired: nothing is left to revoke"));
        }
        if order.invalidity_date.is_some_and(|date| date > now) {
            return Err(Error::BadArgument {
                what: "invalidity date",
                reason: "it lies in the future".into(),
            });
        }
        let event = CertificateRevoked {
            issuer: order.issuer.to_owned(),
            serial: OctetString::new(order.serial)?,
            revocation_date: now.seconds(),
            reason: order.reason.map(|reason| reason as u8),
            invalidity_date: order.invalidity_date.map(UnixTime::seconds),
        };
        let index = self.append(actor, event.into())?;
        Ok(Revocation {
            date: now.seconds(),
            reason: order.reason.map(|reason| reason as u8),
            invalidity_date: order.invalidity_date.map(UnixTime::seconds),
            index,
        })
    }
}

impl ReasonCode {
    /// Every reason that can be stated.
    pub const ALL: [Self; 7] = [
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// The name on the command line, as in RFC 5280 in kebab case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyCompromise => "key-compromise",
            Self::CaCompromise => "ca-compromise",
            Self::AffiliationChanged => "affiliation-changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation-of-operation",
            Self::PrivilegeWithdrawn => "privilege-withdrawn",
            Self::AaCompromise => "aa-compromise",
        }
    }

    /// The reason of that name; `unspecified` is none.
    ///
    /// # Errors
    /// [`Error::BadArgument`] names those that exist.
    pub fn parse(name: &str) -> Result<Option<Self>, Error> {
        if name == "unspecified" {
            return Ok(None);
        }
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == name)
            .map(Some)
            .ok_or_else(|| {
                let names: Vec<_> = Self::ALL.iter().map(|reason| reason.as_str()).collect();
                Error::BadArgument {
                    what: "reason",
                    reason: format!(
                        "use unspecified, {}; certificates are never put on hold",
                        names.join(", ")
                    ),
                }
            })
    }
}
