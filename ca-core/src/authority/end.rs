//! The end of a CA: after its final CRLs it signs nothing.

use kasane_ledger_schema::IssuerEnded;

use super::Authority;
use crate::pipeline::{CertificateTbs, Linted, Recorded, ToBeSigned};
use crate::profile::ProfileKind;
use crate::projection::certificate;
use crate::projection::open_record::{self, OpenRecord};
use crate::signing::SigningError;
use crate::{Actor, Error};

impl Authority {
    /// From here on a CA signs nothing but the final CRL of each of its shards. Ending it again
    /// changes nothing; whether it was ended before comes back.
    ///
    /// Its delegated OCSP signers may live on until their end: they are asked about by nobody
    /// (RFC 6960 §4.2.2.2.1), and no CRL names them.
    ///
    /// # Errors
    /// [`Error::IssuerInUse`] while a certificate of it is neither expired nor revoked, a
    /// cross-certificate included: nothing could say later that it was revoked; [`Error::NotFound`];
    /// [`Error::Signing`] when its key is elsewhere; [`Error::Ledger`].
    pub fn end_issuer(&self, actor: &Actor, name: &str) -> Result<bool, Error> {
        self.ensure_running()?;
        // What is chosen is of a CA that is there. First: an act takes its time, and nobody else waits for it.
        let _none_is_chosen = self.acting.lock();
        self.spread_revocations()?;
        // The order of the two: certificates that are being recorded are recorded, then counted.
        let ending = self.ending.write();
        // What is being revoked is revoked, then listed.
        let _none_is_revoked = self.revoking.write();
        let issuer = self.issuer(name)?;
        if issuer.ended {
            return Ok(true);
        }
        if !issuer.has_key() {
            let issuer = name.to_owned();
            return Err(SigningError::KeyElsewhere { issuer }.into());
        }
        let now = self.now();
        let (mut count, mut first) = (0_u64, None);
        for (_, open) in open_record::all(self.tables())? {
            if let OpenRecord::Certificate(key) = open
                && key.issuer == name
            {
                count += 1;
                first.get_or_insert_with(|| (hex::encode(key.serial), "being signed".to_owned()));
            }
        }
        certificate::scan(self.tables(), name, &mut |key, row| {
            let is_own = issuer.is_root() && key.serial == issuer.serial;
            let is_unlisted = self
                .profiles
                .get(&row.profile)
                .is_some_and(|profile| profile.kind() == ProfileKind::OcspSigner);
            if row.is_live(now) && !is_own && !is_unlisted {
                count += 1;
                first.get_or_insert_with(|| (hex::encode(&key.serial), row.subject));
            }
            true
        })?;
        if let Some((serial, subject)) = first {
            return Err(Error::IssuerInUse {
                issuer: name.to_owned(),
                count,
                serial,
                subject,
            });
        }
        let ended = IssuerEnded {
            issuer: name.to_owned(),
        };
        self.append(actor, ended.into())?;
        self.reload_issuers()?;
        drop(ending);
        Ok(false)
    }

    /// Records a certificate, unless its CA was ended.
    pub(super) fn record_certificate(
        &self,
        actor: &Actor,
        linted: Linted<CertificateTbs>,
    ) -> Result<Recorded<CertificateTbs>, Error> {
        let _not_ending = self.ending.read();
        // A root that is being made is not known yet.
        let name = linted.inner().signer().name.as_str();
        if self.issuer(name).is_ok_and(|issuer| issuer.ended) {
            return Err(Error::IssuerEnded {
                issuer: name.to_owned(),
            });
        }
        linted.record(&self.ledger, actor, self.now())
    }
}
