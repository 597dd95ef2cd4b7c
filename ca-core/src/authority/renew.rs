//! What a renewal may follow.

use super::Authority;
use crate::Error;
use crate::pipeline::RequestIdentity;
use crate::projection::certificate::{self, CertificateKey, State};

impl Authority {
    /// The serial of a certificate that may be renewed for `identity`: issued to the same subject,
    /// not revoked, not expired.
    pub(super) fn renewable(
        &self,
        renewed: CertificateKey,
        identity: &RequestIdentity,
    ) -> Result<Vec<u8>, Error> {
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
        Ok(renewed.serial)
    }
}
