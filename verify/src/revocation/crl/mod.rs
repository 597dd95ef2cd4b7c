//! A certificate against a CRL (RFC 5280 §6.3.3, complete CRLs of the certificate's own issuer).

mod decide;
mod scope;

pub(crate) use decide::{CrlQuestion, Voice, decide};

use const_oid::ObjectIdentifier;

use self::scope::Place;
use crate::UnixTime;
use crate::certificate::{Certificate, KeyUsage};
use crate::crl::{CertificateList, CertificateScope, CrlError, IssuingDistributionPoint};
use crate::crypto::PublicKey;
use crate::name::Name;
use crate::path::TrustAnchor;
use crate::revocation::{Freshness, Status};

/// Who signs the CRLs of a CA: its name and key, as the verified path to it gave them.
#[derive(Clone, Copy, Debug)]
pub struct CrlIssuer<'a> {
    /// The CA's name.
    pub name: Name<'a>,
    /// Its key.
    pub key: &'a dyn PublicKey,
    /// Its subject key identifier.
    pub key_id: Option<&'a [u8]>,
    /// Its key usage; none for an anchor without certificate.
    pub key_usage: Option<KeyUsage>,
}

impl<'a> CrlIssuer<'a> {
    /// From an anchor, which signs its own CRLs; none when it lacks a name.
    #[must_use]
    pub fn from_anchor(anchor: &'a TrustAnchor) -> Option<Self> {
        Some(Self {
            name: anchor.subject()?,
            key: anchor.key(),
            key_id: anchor.key_id(),
            key_usage: anchor.key_usage(),
        })
    }

    /// From a CA certificate whose path was verified, and its parsed key.
    #[must_use]
    pub fn from_certificate(certificate: &Certificate<'a>, key: &'a dyn PublicKey) -> Self {
        Self {
            name: certificate.subject(),
            key,
            key_id: certificate.extensions().subject_key_id,
            key_usage: certificate.extensions().key_usage,
        }
    }
}

/// Why a CRL says nothing about a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// The CRL is of another issuer.
    #[error("CRL does not apply: it is issued by {crl}, the certificate by {certificate}")]
    OtherIssuer {
        /// Issuer of the CRL.
        crl: String,
        /// Issuer of the certificate.
        certificate: String,
    },
    /// The CRL names another key of the issuer.
    #[error("CRL does not apply: it is signed with another key of its issuer")]
    OtherKey,
    /// The issuer's key may not sign CRLs.
    #[error("CRL does not count: the key usage of its issuer does not include cRLSign")]
    KeyUsage,
    /// The CRL covers another part of the issuer's certificates.
    #[error("CRL does not apply: it covers {covered}, not this certificate")]
    OtherScope {
        /// What it covers.
        covered: &'static str,
    },
    /// The CRL covers some reasons only, so that absence proves nothing.
    #[error("CRL does not suffice: it covers some reasons only")]
    PartialReasons,
    /// A delta CRL needs its base.
    #[error("CRL does not suffice: it is a delta CRL, which needs its base")]
    Delta,
    /// CRLs signed for other issuers.
    #[error("CRL does not apply: indirect CRLs are not supported")]
    Indirect,
    /// A critical extension.
    #[error("CRL does not count: critical extension {0} is not understood")]
    CriticalExtension(ObjectIdentifier),
    /// Made later than the instant in question.
    #[error("CRL does not count yet: it is of {this_update}, and the time is {at}")]
    NotYetCurrent {
        /// Its this update.
        this_update: UnixTime,
        /// The instant in question.
        at: UnixTime,
    },
    /// Too old.
    #[error("CRL is out of date: its next update was due {next_update}, and the time is {at}")]
    Stale {
        /// Its next update.
        next_update: UnixTime,
        /// The instant in question.
        at: UnixTime,
    },
    /// RFC 5280 §5.1.2.5 requires it.
    #[error("CRL does not count: it has no next update")]
    NoNextUpdate,
    /// The CRL itself.
    #[error(transparent)]
    Crl(#[from] CrlError),
}

impl RevocationError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OtherIssuer { .. } => "revocation.other_issuer",
            Self::OtherKey => "revocation.other_key",
            Self::KeyUsage => "revocation.key_usage",
            Self::OtherScope { .. } => "revocation.other_scope",
            Self::PartialReasons => "revocation.partial_reasons",
            Self::Delta => "revocation.delta",
            Self::Indirect => "revocation.indirect",
            Self::CriticalExtension(_) => "revocation.critical_extension",
            Self::NotYetCurrent { .. } => "revocation.not_yet_current",
            Self::Stale { .. } => "revocation.stale",
            Self::NoNextUpdate => "revocation.no_next_update",
            Self::Crl(error) => error.code(),
        }
    }
}

/// What a complete CRL says about `certificate` at `at`. Everything cheap is checked before the
/// signature, and the signature before any entry is believed.
///
/// # Errors
/// When the CRL does not apply to the certificate, is not current, or is not genuine.
pub fn check_crl(
    certificate: &Certificate<'_>,
    issuer: &CrlIssuer<'_>,
    crl: &CertificateList<'_>,
    at: UnixTime,
    freshness: Freshness,
) -> Result<Status, RevocationError> {
    if !crl.issuer().matches(&certificate.issuer()) || !crl.issuer().matches(&issuer.name) {
        return Err(RevocationError::OtherIssuer {
            crl: crl.issuer().to_string(),
            certificate: certificate.issuer().to_string(),
        });
    }
    let named = crl.authority_key_id().and_then(|it| it.key_id);
    if let (Some(named), Some(own)) = (named, issuer.key_id)
        && named != own
    {
        return Err(RevocationError::OtherKey);
    }
    // RFC 5280 §6.3.3 (f).
    if issuer.key_usage.is_some_and(|usage| !usage.crl_sign()) {
        return Err(RevocationError::KeyUsage);
    }
    if let Some(extension) = crl.unknown_critical() {
        return Err(RevocationError::CriticalExtension(extension));
    }
    if crl.base_number().is_some() {
        return Err(RevocationError::Delta);
    }
    if let Some(point) = crl.issuing_distribution_point() {
        covers(&point, certificate)?;
    }
    current(crl, at, freshness)?;
    crl.verify_signature(issuer.key)?;
    let found = crl.find(certificate.serial())?;
    let partial = crl
        .issuing_distribution_point()
        .is_some_and(|point| point.reasons.is_some());
    match found {
        Some(entry) => Ok(Status::Revoked {
            date: entry.revocation_date,
            reason: entry.reason,
        }),
        None if partial => Err(RevocationError::PartialReasons),
        None => Ok(Status::Good),
    }
}

/// RFC 5280 §6.3.3 (b)(2).
fn covers(
    point: &IssuingDistributionPoint<'_>,
    certificate: &Certificate<'_>,
) -> Result<(), RevocationError> {
    let other = |covered| Err(RevocationError::OtherScope { covered });
    if point.indirect {
        return Err(RevocationError::Indirect);
    }
    match point.scope {
        CertificateScope::EndEntities if certificate.is_ca() => return other("end entities"),
        CertificateScope::Authorities if !certificate.is_ca() => return other("CAs"),
        CertificateScope::Attributes => return other("attribute certificates"),
        _ => {}
    }
    // Somebody else signs the CRLs of a point with a CRL issuer.
    let own = |it: &Place<'_>| matches!(it, Place::Point(it) if it.crl_issuer.is_none());
    let named = || {
        let mut places = Place::of(certificate).filter(own);
        places.any(|it| it.is_named_by(point, certificate))
    };
    if point.name.is_none() || named() {
        Ok(())
    } else {
        other("another distribution point")
    }
}

fn current(
    crl: &CertificateList<'_>,
    at: UnixTime,
    freshness: Freshness,
) -> Result<(), RevocationError> {
    if at < crl.this_update() {
        return Err(RevocationError::NotYetCurrent {
            this_update: crl.this_update(),
            at,
        });
    }
    match (freshness, crl.next_update()) {
        (Freshness::DangerouslyIgnored, _) => Ok(()),
        (Freshness::Required, None) => Err(RevocationError::NoNextUpdate),
        (Freshness::Required, Some(next_update)) if at > next_update => {
            Err(RevocationError::Stale { next_update, at })
        }
        (Freshness::Required, Some(_)) => Ok(()),
    }
}
