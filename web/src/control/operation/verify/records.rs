//! Whether a verified path holds by this authority's own records.

use std::sync::Arc;

use kasane_ca_core::Authority;
use kasane_ca_core::authority::{Status, reason_name};
use kasane_ca_core::issuer::Issuer;
use kasane_verify::certificate::Certificate;
use kasane_verify::revocation::RevocationReason;

use crate::control::{ExitClass, Problem, Refusal};

/// Why a path does not hold by the records.
pub(super) enum Unfit {
    /// The records say so.
    Refused(Box<Refusal>),
    /// They cannot be asked.
    Problem(Problem),
}

impl From<kasane_ca_core::Error> for Unfit {
    fn from(error: kasane_ca_core::Error) -> Self {
        Self::Problem(error.into())
    }
}

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
/// `path.revoked`; `path.unrecorded` for a certificate that one of this authority's keys signed without
/// a record of it; `path.status-elsewhere` when that key is or was used elsewhere as well.
pub(super) fn check(
    authority: &Authority,
    below: &[&Certificate<'_>],
    anchor: &[u8],
) -> Result<Revocation, Unfit> {
    let issuers = authority.issuers();
    let anchor = Certificate::from_der(anchor).map_err(|error| {
        Unfit::Problem(Problem::new(
            ExitClass::Refused,
            error.code(),
            error.to_string(),
        ))
    })?;
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

fn judge(authority: &Authority, issuer: &str, certificate: &Certificate<'_>) -> Result<(), Unfit> {
    let recorded = match certificate.serial() {
        // The octet that keeps an INTEGER positive is not recorded.
        [0, rest @ ..] if !rest.is_empty() => rest,
        serial => serial,
    };
    let subject = certificate.subject().to_string();
    let serial = certificate.serial_hex();
    let refused = |code: &str, message, message_ja| {
        Err(Unfit::Refused(Box::new(Refusal {
            code: code.to_owned(),
            message,
            message_ja,
            position: None,
            subject: Some(subject.clone()),
            rule: Some("this authority's records".to_owned()),
        })))
    };
    match authority.status(issuer, recorded)? {
        Status::Good => Ok(()),
        Status::Revoked { date, reason, .. } => {
            let reason = reason
                .and_then(RevocationReason::from_number)
                .map(reason_name);
            let date = date.to_jst_string();
            let (en, ja) = (
                reason.clone().unwrap_or_else(|| "no reason stated".into()),
                reason.unwrap_or_else(|| "理由の記載なし".into()),
            );
            refused(
                "path.revoked",
                format!(
                    "{subject} (serial {serial}) was revoked by {issuer} at {date} ({en}): it is \
                     not to be relied on"
                ),
                format!(
                    "{subject}（シリアル番号{serial}）は{date}に{issuer}が失効させました（{ja}）。\
                     信頼できません"
                ),
            )
        }
        Status::Unrecorded => refused(
            "path.status-elsewhere",
            format!(
                "{subject} (serial {serial}) is not in this authority's records, and {issuer} issued \
                 certificates elsewhere as well: ask the CRL or the responder that it names"
            ),
            format!(
                "{subject}（シリアル番号{serial}）はこの認証局の記録にありません。{issuer}は別の場所でも\
                 証明書を発行しています。証明書に記載されたCRLまたはOCSPレスポンダに照会してください"
            ),
        ),
        Status::Pending | Status::NeverUsed => refused(
            "path.unrecorded",
            format!(
                "{subject} (serial {serial}) bears a signature of {issuer}, but no record says \
                 that it was issued: find out who used that key"
            ),
            format!(
                "{subject}（シリアル番号{serial}）には{issuer}の署名がありますが、発行の記録が\
                 ありません。その鍵を誰が使ったかを調べてください"
            ),
        ),
    }
}
