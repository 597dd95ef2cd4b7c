//! CRLs: what they list and the way they take to the door.

use kasane_hsm::Priority;
use kasane_verify::UnixTime;

use super::Authority;
use crate::issuer::Issuer;
use crate::pipeline::{BeginCrl, CrlEncoder, CrlPlan, CrlTbs, IssuedCrl, RevokedEntry};
use crate::projection::certificate::Revocation;
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
    /// What came after a full CRL of the shard (RFC 5280 §5.2.4).
    Delta,
}

/// How long a CRL is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrlLifetime {
    /// Seconds from thisUpdate to nextUpdate, but not beyond the end of its CA.
    Seconds(i64),
    /// For ever: the last list of an ended CA. Full CRLs only.
    Final,
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
    /// How long it is good for.
    pub lifetime: CrlLifetime,
    /// Whether it carries a new revocation.
    pub priority: Priority,
}

/// A CRL, and what was issued with it.
#[derive(Debug)]
pub struct CrlPair {
    /// What was ordered.
    pub crl: IssuedCrl,
    /// The delta CRL that was issued with a full one under the same number, from an earlier full one
    /// to what this one says (RFC 5280 §5.2.3); none where no earlier one is valid.
    pub delta: Option<Result<IssuedCrl, Error>>,
}

/// What the store said of a series when a list of it was begun.
struct Begun {
    series: CrlRow,
    /// Read before the entries: a revocation that comes between is in the next delta as well.
    as_of: u64,
    now: UnixTime,
}

impl Authority {
    /// Makes a CRL: numbers it, streams its entries from the store through the encoder that `begin`
    /// makes, lints, records, signs and finishes it. One at a time per shard. A full CRL brings its
    /// delta along, out of the same pass.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown issuer or shard, or a delta without a full CRL;
    /// [`Error::IssuerEnded`]; the error of the step that failed: the number is burnt then.
    pub fn issue_crl(
        &self,
        actor: &Actor,
        order: &CrlOrder<'_>,
        begin: &BeginCrl<'_>,
    ) -> Result<CrlPair, Error> {
        self.ensure_running()?;
        let issuer = self.issuer(order.issuer)?;
        check_order(&issuer, order)?;
        let key = CrlKey {
            issuer: issuer.name().to_owned(),
            shard: order.shard,
        };
        let _held = self
            .in_flight
            .hold(format!("crl/{}/{}", key.issuer, key.shard));
        let begun = Begun {
            series: crl::find(self.tables(), &key)?,
            as_of: meta::progress(self.tables())?.next_index,
            now: self.signing_time(),
        };
        if begun.series.full.as_ref().is_some_and(|it| it.is_final()) {
            let issuer = key.issuer;
            return Err(Error::IssuerEnded { issuer });
        }
        // What was revoked before `as_of` is in the rows that are read from here on.
        self.spread_revocations()?;
        match order.kind {
            CrlKind::Full => self.issue_full(actor, order, &issuer, &begun, begin),
            CrlKind::Delta => self.issue_delta(actor, order, &issuer, &begun, begin),
        }
    }

    fn issue_full(
        &self,
        actor: &Actor,
        order: &CrlOrder<'_>,
        issuer: &Issuer,
        begun: &Begun,
        begin: &BeginCrl<'_>,
    ) -> Result<CrlPair, Error> {
        let series = &begun.series;
        let mut plan = self.crl_plan(order, issuer, begun, None);
        let base = (!issuer.is_root() && !plan.is_final())
            .then(|| series.base_beside_next(begun.now))
            .flatten();
        let expected = series.full.as_ref().map_or(0, |full| full.entries) + SOME_ENTRIES;
        let mut full = begin(&plan, expected)?;
        let mut news = match base {
            None => None,
            Some(base) => {
                let plan = self.crl_plan(order, issuer, begun, Some(base.number));
                Some((begin(&plan, SOME_ENTRIES)?, plan, base.as_of))
            }
        };
        let mut failed = Ok(());
        revocation::scan(
            self.tables(),
            issuer.name(),
            order.shard,
            &mut |serial, row| {
                if is_done(&row, series.full.as_ref()) {
                    return true;
                }
                let entry = entry(serial, &row.revocation);
                failed = push(&mut *full, &mut plan, &entry);
                if let Some((delta, plan, as_of)) = &mut news
                    && row.revocation.index >= *as_of
                    && failed.is_ok()
                {
                    failed = push(&mut **delta, plan, &entry);
                }
                failed.is_ok()
            },
        )?;
        failed?;
        let crl = self.pass(actor, CrlTbs::new(plan, full.finish()?))?;
        let delta = news.map(|(delta, plan, _)| {
            let octets = delta.finish()?;
            self.pass(actor, CrlTbs::new(plan, octets))
        });
        Ok(CrlPair { crl, delta })
    }

    fn issue_delta(
        &self,
        actor: &Actor,
        order: &CrlOrder<'_>,
        issuer: &Issuer,
        begun: &Begun,
        begin: &BeginCrl<'_>,
    ) -> Result<CrlPair, Error> {
        let base = begun
            .series
            .base(begun.now)
            .ok_or_else(|| Error::NotFound {
                kind: "full CRL",
                name: format!("{}/{}", issuer.name(), order.shard),
                hint: ": publish it before its delta",
            })?;
        let mut news: Vec<(Vec<u8>, Revocation)> = Vec::new();
        revocation::scan_since(
            self.tables(),
            issuer.name(),
            order.shard,
            base.as_of,
            &mut |serial, row| {
                news.push((serial.to_vec(), row.revocation));
                true
            },
        )?;
        news.sort_unstable_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
        // A revocation may be stated anew between two steps of the pass: it is seen in both places.
        news.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same && later.1.index > kept.1.index {
                std::mem::swap(later, kept);
            }
            same
        });
        let mut plan = self.crl_plan(order, issuer, begun, Some(base.number));
        let mut delta = begin(&plan, news.len() as u64)?;
        for (serial, revocation) in &news {
            push(&mut *delta, &mut plan, &entry(serial, revocation))?;
        }
        let crl = self.pass(actor, CrlTbs::new(plan, delta.finish()?))?;
        Ok(CrlPair { crl, delta: None })
    }

    /// What a list will say. A delta beside a full CRL has the same number, one of its own the next.
    fn crl_plan(
        &self,
        order: &CrlOrder<'_>,
        issuer: &Issuer,
        begun: &Begun,
        base_number: Option<u64>,
    ) -> CrlPlan {
        let urls = &self.configuration.urls;
        let Begun { series, as_of, now } = begun;
        let is_final = order.lifetime == CrlLifetime::Final;
        let has_deltas = base_number.is_none() && !issuer.is_root() && !is_final;
        CrlPlan {
            signer: issuer.signer.clone(),
            shard: order.shard,
            number: series.next_number(*now),
            previous_number: (series.last_number > 0).then_some(series.last_number),
            base_number,
            this_update: *now,
            next_update: match order.lifetime {
                // RFC 5280 §6.3.3: nothing of a CA is valid after the CA.
                CrlLifetime::Seconds(seconds) => now.plus_seconds(seconds).min(issuer.not_after),
                CrlLifetime::Final => UnixTime::MAX,
            },
            // A root's one list covers all that it issued. A distribution point would keep it from
            // the root's own certificate, which names none: OpenSSL, asked to check a whole chain,
            // then refuses the chain.
            idp_uri: (!issuer.is_root()).then(|| urls.crl(issuer.name(), order.shard)),
            freshest_crl_uris: if has_deltas {
                vec![urls.delta_crl(issuer.name(), order.shard)]
            } else {
                Vec::new()
            },
            entries: 0,
            as_of: *as_of,
            now: *now,
            priority: order.priority,
        }
    }

    fn pass(&self, actor: &Actor, tbs: CrlTbs) -> Result<IssuedCrl, Error> {
        let linted = tbs.lint(&self.ledger)?;
        self.admit(linted.inner())?;
        let recorded = linted.record(&self.ledger, actor, self.now())?;
        let signed = self.sign(actor, recorded)?;
        signed.finish(&self.ledger, actor, self.now())
    }
}

/// Room for what came since the last list.
const SOME_ENTRIES: u64 = 256;

/// Whether a list may let go of a canary: `before`, the full CRL before this one, listed it after its
/// end (RFC 5280 §3.3).
fn is_done(row: &RevocationRow, before: Option<&CrlVersion>) -> bool {
    row.canary_until.zip(before).is_some_and(|(until, before)| {
        row.revocation.index < before.as_of && before.this_update > until
    })
}

fn entry<'a>(serial: &'a [u8], revocation: &Revocation) -> RevokedEntry<'a> {
    RevokedEntry {
        serial,
        date: UnixTime::from_seconds(revocation.date),
        reason: revocation.reason,
        invalidity_date: revocation.invalidity_date.map(UnixTime::from_seconds),
    }
}

fn push(
    encoder: &mut dyn CrlEncoder,
    plan: &mut CrlPlan,
    entry: &RevokedEntry<'_>,
) -> Result<(), der::Error> {
    plan.entries += 1;
    encoder.push(entry)
}

fn check_order(issuer: &Issuer, order: &CrlOrder<'_>) -> Result<(), Error> {
    if !issuer.has_key() {
        let issuer = issuer.name().to_owned();
        return Err(SigningError::KeyElsewhere { issuer }.into());
    }
    let name = format!("{}/{}", issuer.name(), order.shard);
    if order.shard >= issuer.crl_shards {
        return Err(Error::NotFound {
            kind: "CRL shard",
            name,
            hint: "",
        });
    }
    let is_final = order.lifetime == CrlLifetime::Final;
    if issuer.ended && !is_final {
        let issuer = issuer.name().to_owned();
        return Err(Error::IssuerEnded { issuer });
    }
    if is_final && (!issuer.ended || order.kind == CrlKind::Delta) {
        return Err(Error::BadArgument {
            what: "final CRL",
            reason: format!("{name} gets one when its CA was ended, and no delta"),
        });
    }
    // CA certificates carry no freshestCRL that anybody follows, so nobody would look for a root's
    // delta.
    if order.kind == CrlKind::Delta && issuer.is_root() {
        return Err(Error::NotFound {
            kind: "delta CRL",
            name,
            hint: ": roots publish full CRLs only",
        });
    }
    Ok(())
}
