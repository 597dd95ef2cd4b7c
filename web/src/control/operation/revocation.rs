//! Whether a verified path holds by this authority's own records.

use std::sync::Arc;

use kasane_ca_core::Authority;
use kasane_ca_core::authority::{Status, reason_name};
use kasane_ca_core::issuer::Issuer;
use kasane_verify::certificate::Certificate;
use kasane_verify::revocation::RevocationReason;

use crate::control::{ExitClass, Problem};

/// What the records say of a path that none of them refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Revocation {
    /// This authority issued every certificate below the anchor, and revoked none.
    Good,
    /// Another authority must be asked about at least one.
    NotChecked,
}

impl Revocation {
    /// What is answered.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good by this authority's records",
            Self::NotChecked => "not checked",
        }
    }
}

/// Looks up a verified path: `below` from the end entity upwards, then the anchor, DER. A revocation
/// counts at every time that is asked about: whoever judges the past is told the date.
///
/// # Errors
/// [`ExitClass::Negative`]: `path.revoked`, or `path.unrecorded` for a certificate that one of this
/// authority's keys signed without a record of it.
pub(super) fn check(
    authority: &Authority,
    below: &[&Certificate<'_>],
    anchor: &[u8],
) -> Result<Revocation, Problem> {
    let issuers = authority.issuers();
    let anchor = Certificate::from_der(anchor)
        .map_err(|error| Problem::new(ExitClass::Refused, error.code(), error.to_string()))?;
    let mut found = Revocation::Good;
    for (place, certificate) in below.iter().enumerate() {
        let above = below.get(place + 1).copied().unwrap_or(&anchor);
        // Name and key: another authority may have a CA of the same name.
        match issuers.iter().find(|issuer| is(issuer, above)) {
            Some(issuer) => judge(authority, issuer.name(), certificate)?,
            None => found = Revocation::NotChecked,
        }
    }
    // An anchor is trusted as it is, but not when it is this authority's own and revoked.
    if let Some(own) = issuers
        .iter()
        .find(|issuer| issuer.certificate_der == anchor.der())
    {
        judge(authority, &own.issued_by, &anchor)?;
    }
    Ok(found)
}

fn is(issuer: &Arc<Issuer>, certificate: &Certificate<'_>) -> bool {
    issuer.signer.subject_der == certificate.subject().der() && issuer.spki == certificate.spki()
}

fn judge(
    authority: &Authority,
    issuer: &str,
    certificate: &Certificate<'_>,
) -> Result<(), Problem> {
    let recorded = match certificate.serial() {
        // The octet that keeps an INTEGER positive is not recorded.
        [0, rest @ ..] if !rest.is_empty() => rest,
        serial => serial,
    };
    let what = || {
        format!(
            "{} (serial {})",
            certificate.subject(),
            certificate.serial_hex()
        )
    };
    match authority.status(issuer, recorded)? {
        Status::Good => Ok(()),
        Status::Revoked { date, reason, .. } => {
            let reason = reason
                .and_then(RevocationReason::from_number)
                .map_or_else(|| "no reason stated".to_owned(), reason_name);
            let message = format!(
                "{} was revoked by {issuer} at {} ({reason}): it is not to be relied on",
                what(),
                date.to_jst_string()
            );
            Err(Problem::new(ExitClass::Negative, "path.revoked", message))
        }
        Status::Unknown => {
            let message = format!(
                "{} bears a signature of {issuer}, but no record says that it was issued: find out \
                 who used that key",
                what()
            );
            Err(Problem::new(
                ExitClass::Negative,
                "path.unrecorded",
                message,
            ))
        }
    }
}
