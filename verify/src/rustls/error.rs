//! What rustls is told, which decides the alert that the peer gets.

use std::sync::Arc;

use ::rustls::pki_types::UnixTime as TlsTime;
use ::rustls::{CertificateError as TlsError, Error, OtherError};

use crate::UnixTime;
use crate::path::{PathError, Position, Reason};

/// The nearest of rustls' reasons; where there is none, ours as the source of `Other`.
pub(super) fn refusal(error: PathError) -> Error {
    let nearest = match &*error.reason {
        Reason::UnknownIssuer { .. } => TlsError::UnknownIssuer,
        Reason::Signature(_) => TlsError::BadSignature,
        Reason::UnknownCritical(_) => TlsError::UnhandledCriticalExtension,
        Reason::NotYetValid { not_before, at } => TlsError::NotValidYetContext {
            time: time(*at),
            not_before: time(*not_before),
        },
        Reason::Expired { not_after, at } => TlsError::ExpiredContext {
            time: time(*at),
            not_after: time(*not_after),
        },
        Reason::NameMismatch { .. } => TlsError::NotValidForName,
        Reason::Revoked { .. } => TlsError::Revoked,
        Reason::StatusUnavailable { .. } | Reason::StatusUnknown => {
            TlsError::UnknownRevocationStatus
        }
        Reason::KeyUsage { .. } | Reason::ExtendedKeyUsage { .. }
            if error.position == Position::EndEntity =>
        {
            TlsError::InvalidPurpose
        }
        _ => TlsError::Other(OtherError(Arc::new(error))),
    };
    Error::InvalidCertificate(nearest)
}

/// The reason in our words, where rustls has none that is near: refused by the dated policy, by name
/// constraints, by a budget, and so on. Of the others an [`super::Observer`] is told.
#[must_use]
pub fn path_error(error: &Error) -> Option<&PathError> {
    match error {
        Error::InvalidCertificate(TlsError::Other(other)) => other.0.downcast_ref(),
        _ => None,
    }
}

fn time(at: UnixTime) -> TlsTime {
    let seconds = u64::try_from(at.seconds()).unwrap_or(0);
    TlsTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}
