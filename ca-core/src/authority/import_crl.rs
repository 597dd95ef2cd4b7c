//! Taking over CRLs of CAs whose keys are elsewhere.

use der::asn1::OctetString;
use kasane_ledger_schema::{CertificateRevoked, CrlImported, Event};
use kasane_verify::UnixTime;
use kasane_verify::crl::{CertificateList, CertificateScope, RevokedCertificate};

use super::Authority;
use super::import_error::ImportError;
use super::time::CLOCK_TOLERANCE_SECONDS;
use crate::issuer::{Issuer, shard_of};
use crate::pipeline::Held;
use crate::projection::{certificate, unpadded};
use crate::{Actor, Error, blob};

/// Largest CRL of another that is taken: one with 400,000 entries.
const MAX_CRL_BYTES: usize = 16 * 1024 * 1024;

/// A CRL that was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedCrl {
    /// Its issuer's name.
    pub issuer: String,
    /// The shard.
    pub shard: u32,
    /// Its number.
    pub number: u64,
    /// Its nextUpdate.
    pub next_update: UnixTime,
    /// Entries in it.
    pub entries: u64,
    /// Serials of certificates known here that it revokes and that were not revoked before.
    pub revoked: Vec<Vec<u8>>,
    /// Whether it had been taken over before.
    pub done_before: bool,
}

impl Authority {
    /// Takes over a full CRL of a known CA whose key is elsewhere; it is published from then on.
    /// What it revokes and is known here counts as revoked.
    ///
    /// # Errors
    /// [`Error::Import`] unless it verifies, is current, and its number grows;
    /// [`Error::NotFound`] for an unknown issuer.
    pub fn import_crl(
        &self,
        actor: &Actor,
        issuer: &str,
        der: &[u8],
    ) -> Result<ImportedCrl, Error> {
        self.ensure_running()?;
        self.ensure_time()?;
        let issuer = self.issuer(issuer)?;
        let refuse = |reason: String| ImportError::CrlContent {
            issuer: issuer.name().to_owned(),
            reason,
        };
        if der.len() > MAX_CRL_BYTES {
            return Err(refuse(format!("it has more than {MAX_CRL_BYTES} bytes")).into());
        }
        let list = CertificateList::from_der(der).map_err(|source| ImportError::Crl {
            issuer: issuer.name().to_owned(),
            source,
        })?;
        let (shard, number, next_update) = self.check_crl(&issuer, &list).map_err(refuse)?;
        let _held = self
            .in_flight
            .hold(format!("crl/{}/{shard}", issuer.name()));
        let series = self.crl_series(issuer.name(), shard)?;
        let (mut entries, mut revoked, mut revocations) = (0, Vec::new(), Vec::new());
        for entry in list.entries() {
            let entry = entry.map_err(|source| ImportError::Crl {
                issuer: issuer.name().to_owned(),
                source,
            })?;
            entries += 1;
            let serial = unpadded(entry.serial);
            let known = certificate::find(self.tables(), issuer.name(), serial)?;
            if known.is_some_and(|row| row.revocation.is_none()) {
                revoked.push(serial.to_vec());
                revocations.push(revocation(issuer.name(), &entry)?);
            }
        }
        let mut imported = ImportedCrl {
            issuer: issuer.name().to_owned(),
            shard,
            number,
            next_update,
            entries,
            revoked,
            done_before: false,
        };
        if number <= series.last_number {
            let current = self.current_crl(issuer.name(), shard, super::CrlKind::Full)?;
            if current.is_some_and(|current| current.der == der) {
                // Certificates may have come since.
                if !revocations.is_empty() {
                    self.append_all(actor, revocations)?;
                }
                imported.done_before = true;
                return Ok(imported);
            }
            return Err(ImportError::CrlNumber {
                issuer: issuer.name().to_owned(),
                found: number,
                last: series.last_number,
            }
            .into());
        }
        let mut events = vec![Event::CrlImported(CrlImported {
            issuer: issuer.name().to_owned(),
            shard,
            number,
            this_update: list.this_update().seconds(),
            next_update: next_update.seconds(),
            entries,
            crl: blob::put(&self.ledger, der)?,
        })];
        events.append(&mut revocations);
        self.append_all(actor, events)?;
        Ok(imported)
    }

    /// Keeps imported CRLs that would hold this serial away.
    pub(super) fn hold_crl_of(&self, issuer: &str, serial: &[u8]) -> Option<Held<'_>> {
        let issuer = self.issuer(issuer).ok()?;
        let shard = shard_of(issuer.crl_shards, serial);
        Some(
            self.in_flight
                .hold(format!("crl/{}/{shard}", issuer.name())),
        )
    }

    /// The revocation of a serial that the current imported CRL has and the ledger has not: the CRL
    /// came before the certificate.
    pub(super) fn revoked_by_current_crl(
        &self,
        issuer: &str,
        serial: &[u8],
    ) -> Result<Option<Event>, Error> {
        // A root has no CRL before it is known itself.
        let Ok(issuer) = self.issuer(issuer) else {
            return Ok(None);
        };
        let known = certificate::find(self.tables(), issuer.name(), serial)?;
        if issuer.has_key() || known.is_some_and(|row| row.revocation.is_some()) {
            return Ok(None);
        }
        let shard = shard_of(issuer.crl_shards, serial);
        let Some(crl) = self.current_crl(issuer.name(), shard, super::CrlKind::Full)? else {
            return Ok(None);
        };
        let failed = |source| ImportError::Crl {
            issuer: issuer.name().to_owned(),
            source,
        };
        let list = CertificateList::from_der(&crl.der).map_err(failed)?;
        for entry in list.entries() {
            let entry = entry.map_err(failed)?;
            if unpadded(entry.serial) == serial {
                return Ok(Some(revocation(issuer.name(), &entry)?));
            }
        }
        Ok(None)
    }

    /// Shard, number and nextUpdate of a CRL that may be published.
    fn check_crl(
        &self,
        issuer: &Issuer,
        list: &CertificateList<'_>,
    ) -> Result<(u32, u64, UnixTime), String> {
        if issuer.has_key() {
            return Err("its key is here: its CRLs are made here".into());
        }
        if list.issuer().der() != issuer.signer.subject_der {
            return Err(format!("it is of {}", list.issuer()));
        }
        let key = self
            .crypto
            .public_key(&issuer.spki)
            .map_err(|error| error.to_string())?;
        list.verify_signature(&*key)
            .map_err(|error| error.to_string())?;
        if let Some(id) = list.authority_key_id().and_then(|it| it.key_id)
            && id != issuer.signer.ski
        {
            return Err("its authorityKeyIdentifier names another key".into());
        }
        if let Some(oid) = list.unknown_critical() {
            return Err(format!("its critical extension {oid} is not understood"));
        }
        if list.base_number().is_some() {
            return Err("it is a delta CRL; import full ones".into());
        }
        let number = list.number().ok_or("it has no number")?;
        let number = number.iter().try_fold(0_u64, |sum, octet| {
            sum.checked_mul(256)?.checked_add(u64::from(*octet))
        });
        let number = number.ok_or("its number has more than 64 bits")?;
        let next_update = list.next_update().ok_or("it has no nextUpdate")?;
        let now = self.now();
        if next_update <= now {
            return Err(format!("its nextUpdate {next_update} has passed"));
        }
        if list.this_update() > now.plus_seconds(CLOCK_TOLERANCE_SECONDS) {
            return Err(format!("its thisUpdate {} is to come", list.this_update()));
        }
        Ok((self.shard_of_crl(issuer, list)?, number, next_update))
    }

    /// The shard by the issuing distribution point; without one it must be the only one.
    fn shard_of_crl(&self, issuer: &Issuer, list: &CertificateList<'_>) -> Result<u32, String> {
        let Some(point) = list.issuing_distribution_point() else {
            return if issuer.crl_shards == 1 {
                Ok(0)
            } else {
                Err("it names no issuing distribution point, and the CA has several CRLs".into())
            };
        };
        if point.indirect || point.reasons.is_some() || point.scope != CertificateScope::All {
            return Err("it does not cover everything that its CA issued".into());
        }
        let urls = &self.configuration.urls;
        (0..issuer.crl_shards)
            .find(|shard| {
                point
                    .uris()
                    .any(|uri| uri == urls.crl(issuer.name(), *shard))
            })
            .ok_or_else(|| "its issuing distribution point is no address of this authority".into())
    }
}

fn revocation(issuer: &str, entry: &RevokedCertificate<'_>) -> Result<Event, Error> {
    Ok(Event::CertificateRevoked(CertificateRevoked {
        issuer: issuer.to_owned(),
        serial: OctetString::new(unpadded(entry.serial))?,
        revocation_date: entry.revocation_date.seconds(),
        reason: entry
            .reason
            .map(kasane_verify::revocation::RevocationReason::number),
        invalidity_date: entry.invalidity_date.map(UnixTime::seconds),
    }))
}
