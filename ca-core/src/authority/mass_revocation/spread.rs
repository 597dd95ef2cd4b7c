//! The greater part of an act, after it counts.

use kasane_verify::revocation::RevocationReason;

use crate::Error;
use crate::authority::Authority;
use crate::projection::certificate;
use crate::projection::subject_key::SubjectKeyRow;

impl Authority {
    /// Brings what acts revoked into the rows of certificates and lists, all of it. Nobody has to wait for it but
    /// who makes a CRL, and who begins another act.
    ///
    /// # Errors
    /// [`Error::Apply`]; what is left counts as revoked, and is done by the next call.
    pub fn spread_revocations(&self) -> Result<(), Error> {
        while self.spreader.step()? {}
        Ok(())
    }

    /// A part of it, some thousands; whether there may be more.
    ///
    /// # Errors
    /// As [`spread_revocations`](Self::spread_revocations).
    pub fn spread_some(&self) -> Result<bool, Error> {
        Ok(self.spreader.some()?)
    }

    /// Whether an act is under way, or what it revoked is not in every row yet: a list would have to wait.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn is_revoking_many(&self) -> Result<bool, Error> {
        Ok(self.acting.is_locked() || !self.spreader.is_done()?)
    }

    /// Ends [`spread_revocations`](Self::spread_revocations) wherever it is at work, for a stop: the next start
    /// goes on.
    pub fn stop_spreading(&self) {
        self.spreader.stop();
    }

    /// Whether a certificate of that key was revoked for key compromise, though the key's own row does not say
    /// so yet.
    pub(in crate::authority) fn is_compromised_by_act(
        &self,
        key: &SubjectKeyRow,
        spki_sha256: &[u8],
    ) -> Result<bool, Error> {
        let compromise = Some(RevocationReason::KeyCompromise.number());
        let of_subject = certificate::of_subject(self.tables(), &key.subject)?;
        Ok(of_subject.iter().any(|(_, row)| {
            row.spki_sha256 == spki_sha256
                && row.revocation.is_some_and(|it| it.reason == compromise)
        }))
    }
}
