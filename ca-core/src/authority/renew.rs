//! What a renewal may follow.

use kasane_verify::KeyFamily;

use super::Authority;
use crate::Error;
use crate::pipeline::RequestIdentity;
use crate::projection::certificate::{self, CertificateKey, State};

/// A certificate that may be renewed.
pub(super) struct Renewed {
    /// Its serial number.
    pub(super) serial: Vec<u8>,
    /// The family of its key.
    pub(super) family: Option<KeyFamily>,
}

impl Authority {
    /// A certificate that may be renewed for `identity`: issued to the same subject,
    /// not revoked, not expired.
    pub(super) fn renewable(
        &self,
        renewed: CertificateKey,
        identity: &RequestIdentity,
    ) -> Result<Renewed, Error> {
        let name = hex::encode(&renewed.serial);
        let row = certificate::find(self.tables(), &renewed.issuer, &renewed.serial)?.ok_or_else(
            || Error::NotFound {
                kind: "certificate",
                name: name.clone(),
                hint: "",
            },
        )?;
        let refuse = |reason| Error::CertificateState {
            issuer: renewed.issuer.clone(),
            serial: name.clone(),
            reason,
        };
        if row.subject != identity.subject_ref {
            return Err(refuse(
                "names another subject and cannot be renewed for this one",
            ));
        }
        if row.state != State::Issued {
            return Err(refuse("was never issued"));
        }
        if row.revocation.is_some() {
            return Err(refuse("is revoked: apply for a new certificate instead"));
        }
        if row.not_after < self.now().seconds() {
            return Err(refuse("has expired: apply for a new certificate instead"));
        }
        let family = self
            .profiles
            .get(&row.profile)
            .and_then(|profile| profile.key_algorithms().first())
            .map(|key| key.family());
        Ok(Renewed {
            serial: renewed.serial,
            family,
        })
    }
}
