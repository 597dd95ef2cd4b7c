//! CRLs: what they list and the way they take to the door.

use kasane_hsm::Priority;
use kasane_ledger_schema::Event;
use kasane_verify::UnixTime;

use super::Authority;
use crate::blob;
use crate::pipeline::{CrlPlan, CrlTbs, IssuedCrl, assemble};
use crate::projection::crl::{CrlKey, CrlRow, CrlVersion};
use crate::projection::revocation::RevocationRow;
use crate::projection::{crl, meta, revocation};
use crate::signing::SigningError;
use crate::{Actor, Error};

/// Full or delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrlKind {
    /// Every revocation of the shard.
    Full,
    /// What came after the newest full CRL of the shard (RFC 5280 §5.2.4).
    Delta,
}

/// One line of a CRL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedEntry {
    /// The serial number, big-endian without padding.
    pub serial: Vec<u8>,
    /// When it was revoked.
    pub date: UnixTime,
    /// The reason code, if one is stated.
    pub reason: Option<u8>,
    /// When the key became untrustworthy.
    pub invalidity_date: Option<UnixTime>,
}

/// A CRL to be made.
#[derive(Clone, Copy, Debug)]
pub struct CrlOrder<'a> {
    /// The issuer's name.
    pub issuer: &'a str,
    /// The shard.
    pub shard: u32,
    /// Full or delta.
    pub kind: CrlKind,
    /// Seconds from thisUpdate to nextUpdate.
    pub lifetime_seconds: i64,
    /// Whether it carries a new revocation.
    pub priority: Priority,
}

/// Encodes a `TBSCertList` from its plan and entries.
pub type BuildCrl<'a> = dyn Fn(&CrlPlan, &[RevokedEntry]) -> Result<Vec<u8>, der::Error> + 'a;

impl Authority {
    /// Makes a CRL: numbers it, has `build` encode the `TBSCertList`, lints, records, signs and
    /// finishes it. One at a time per shard.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown issuer or shard, or a delta without a full CRL; the error
    /// of the step that failed: the number is burnt then.
    pub fn issue_crl(
        &self,
        actor: &Actor,
        order: &CrlOrder<'_>,
        build: &BuildCrl<'_>,
    ) -> Result<IssuedCrl, Error> {
        let CrlOrder {
            shard,
            kind,
            lifetime_seconds,
            priority,
            ..
        } = *order;
        self.ensure_running()?;
        let issuer = self.issuer(order.issuer)?;
        if !issuer.has_key() {
            let issuer = issuer.name().to_owned();
            return Err(SigningError::KeyElsewhere { issuer }.into());
        }
        let name = format!("{}/{shard}", issuer.name());
        if shard >= issuer.crl_shards {
            return Err(Error::NotFound {
                kind: "CRL shard",
                name,
                hint: "",
            });
        }
        // CA certificates carry no freshestCRL, so nobody would look for a root's delta.
        if kind == CrlKind::Delta && issuer.is_root() {
            let hint = ": roots publish full CRLs only";
            return Err(Error::NotFound {
                kind: "delta CRL",
                name,
                hint,
            });
        }
        let _held = self.in_flight.hold(format!("crl/{name}"));
        let key = CrlKey {
            issuer: issuer.name().to_owned(),
            shard,
        };
        let series = crl::find(self.tables(), &key)?;
        let base = match kind {
            CrlKind::Full => None,
            CrlKind::Delta => Some(series.full.clone().ok_or(Error::NotFound {
                kind: "full CRL",
                name,
                hint: ": publish it before its delta",
            })?),
        };
        // Read before the entries: a revocation that comes between is in the next delta as well.
        let as_of = meta::progress(self.tables())?.next_index;
        let before = series.full.as_ref().filter(|_| kind == CrlKind::Full);
        let entries = self.revoked(&key, base.as_ref().map_or(0, |base| base.as_of), before)?;
        let now = self.signing_time();
        let delta_uri = self.configuration.urls.delta_crl(issuer.name(), shard);
        let plan = CrlPlan {
            signer: issuer.signer.clone(),
            shard,
            number: series.last_number + 1,
            previous_number: (series.last_number > 0).then_some(series.last_number),
            base_number: base.as_ref().map(|base| base.number),
            this_update: now,
            // RFC 5280 §6.3.3: nothing of a CA is valid after the CA.
            next_update: now.plus_seconds(lifetime_seconds).min(issuer.not_after),
            // A root's one list covers all that it issued. A distribution point would keep it from
            // the root's own certificate, which names none: OpenSSL, asked to check a whole chain,
            // then refuses the chain.
            idp_uri: (!issuer.is_root()).then(|| self.configuration.urls.crl(issuer.name(), shard)),
            freshest_crl_uris: if base.is_none() && !issuer.is_root() {
                vec![delta_uri]
            } else {
                Vec::new()
            },
            entries: entries.len() as u64,
            as_of,
            now,
            priority,
        };
        let der = build(&plan, &entries)?;
        let linted = CrlTbs::new(plan, der).lint()?;
        self.admit(linted.inner())?;
        let recorded = linted.record(&self.ledger, actor, self.now())?;
        let signed = self.sign(actor, recorded)?;
        signed.finish(&self.ledger, actor, self.now())
    }

    /// A CRL series.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn crl_series(&self, issuer: &str, shard: u32) -> Result<CrlRow, Error> {
        let key = CrlKey {
            issuer: issuer.to_owned(),
            shard,
        };
        Ok(crl::find(self.tables(), &key)?)
    }

    /// The newest signed CRL of a shard, DER, put together from ledger and blob.
    ///
    /// # Errors
    /// [`Error::Ledger`] when the blob is missing or damaged.
    pub fn current_crl(
        &self,
        issuer: &str,
        shard: u32,
        kind: CrlKind,
    ) -> Result<Option<IssuedCrl>, Error> {
        let series = self.crl_series(issuer, shard)?;
        let version = match kind {
            CrlKind::Full => series.full,
            CrlKind::Delta => series.delta,
        };
        version
            .map(|version| self.read_crl(issuer, shard, &version))
            .transpose()
    }

    fn read_crl(&self, issuer: &str, shard: u32, version: &CrlVersion) -> Result<IssuedCrl, Error> {
        let missing = || Error::NotFound {
            kind: "CRL",
            name: format!("{issuer}/{shard} number {}", version.number),
            hint: "",
        };
        let recorded = match self.entry(version.record)?.event {
            Event::CrlRecorded(recorded) => recorded,
            Event::CrlImported(imported) => {
                let blob = blob::reference(&imported.crl).ok_or_else(missing)?;
                return Ok(IssuedCrl {
                    issuer: issuer.to_owned(),
                    shard,
                    number: version.number,
                    base_number: None,
                    this_update: UnixTime::from_seconds(version.this_update),
                    next_update: UnixTime::from_seconds(version.next_update),
                    der: self.ledger.blob(&blob)?,
                });
            }
            _ => return Err(missing()),
        };
        let Event::CrlIssued(issued) = self.entry(version.outcome.ok_or_else(missing)?)?.event
        else {
            return Err(missing());
        };
        let blob = blob::reference(&recorded.tbs).ok_or_else(missing)?;
        let tbs = self.ledger.blob(&blob)?;
        let algorithm = self.issuer(issuer)?.signer.signature_algorithm();
        Ok(IssuedCrl {
            issuer: issuer.to_owned(),
            shard,
            number: version.number,
            base_number: version.base_number,
            this_update: UnixTime::from_seconds(version.this_update),
            next_update: UnixTime::from_seconds(version.next_update),
            der: assemble(&tbs, algorithm, issued.signature.as_bytes())?,
        })
    }

    /// What came from `from_index` on, without canaries that `before`, the full CRL before this one,
    /// listed after their end (RFC 5280 §3.3).
    fn revoked(
        &self,
        key: &CrlKey,
        from_index: u64,
        before: Option<&CrlVersion>,
    ) -> Result<Vec<RevokedEntry>, Error> {
        let is_done = |row: &RevocationRow| {
            row.canary_until.zip(before).is_some_and(|(until, before)| {
                row.revocation.index < before.as_of && before.this_update > until
            })
        };
        let mut entries = Vec::new();
        revocation::scan(self.tables(), &key.issuer, key.shard, &mut |serial, row| {
            let revocation = row.revocation;
            if revocation.index >= from_index && !is_done(&row) {
                entries.push(RevokedEntry {
                    serial: serial.to_vec(),
                    date: UnixTime::from_seconds(revocation.date),
                    reason: revocation.reason,
                    invalidity_date: revocation.invalidity_date.map(UnixTime::from_seconds),
                });
            }
            true
        })?;
        Ok(entries)
    }
}
