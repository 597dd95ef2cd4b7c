//! Which certificates a selection means at present.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use kasane_verify::UnixTime;

use super::MassSelection;
use super::sample::{self, Passing, SampleCertificate};
use crate::Error;
use crate::authority::Authority;
use crate::profile::ProfileKind;
use crate::projection::certificate::{self, CertificateKey, CertificateRow, State};
use crate::projection::{meta, revocation};
use crate::store::Tables;

/// Between two reports of progress.
const REPORT_EVERY: u64 = 10_000;

/// What a selection means at present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MassChoice {
    /// Certificates to be revoked, by issuer, in the order of their serial numbers.
    pub(super) by_issuer: BTreeMap<String, Vec<Vec<u8>>>,
    /// How many.
    pub certificates: u64,
    /// Others that fit and were revoked before: date and reason stay.
    pub revoked_before: u64,
    /// Others that fit and have expired: nothing is left to revoke.
    pub expired: u64,
    /// Others that fit and are about to be signed: whoever wants these revoked as well asks again.
    pub pending: u64,
    /// Others that fit and were issued since the ledger had as many entries as the selection says.
    pub issued_since: u64,
    /// Entries of which this speaks: a selection that is to mean the same later says so many.
    pub counted_at: u64,
    /// A few of those to be revoked, in their order: the first, the last, and some between.
    pub sample: Vec<SampleCertificate>,
    /// The same of those that were revoked before and have not expired.
    pub sample_revoked_before: Vec<SampleCertificate>,
    /// Entries that the ledger had when choosing began.
    pub(super) begun_at: u64,
    /// Whether the selection says when it was counted.
    is_counted: bool,
    /// Of those revoked before and expired: what may have counted as to be revoked when the ledger
    /// had as many entries as the selection says.
    pub(super) ended_since: u64,
}

/// Told of certificates looked at, and how many there are.
pub(super) type Report<'a> = dyn FnMut(u64, u64) + 'a;

impl MassChoice {
    /// How many of each issuer.
    pub fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        let issuers = self.by_issuer.iter();
        issuers.map(|(issuer, serials)| (issuer.as_str(), serials.len() as u64))
    }

    /// Whether this is what somebody saw who counted so many: all of it, but for what has ended by
    /// itself since.
    pub(super) fn is_confirmed_by(&self, confirmed: u64) -> bool {
        (self.certificates..=self.certificates + self.ended_since).contains(&confirmed)
    }
}

/// Sorts certificates that fit a selection.
struct Sorting {
    choice: MassChoice,
    revoked: Passing,
    now: UnixTime,
    /// What was issued at or after this entry is not meant.
    issued_within: u64,
    /// Where a selection says when it was counted: from then on certificates may have ended.
    counted: Option<UnixTime>,
}

impl Sorting {
    fn take(&mut self, key: CertificateKey, row: &CertificateRow) {
        let choice = &mut self.choice;
        let is_meant = row.outcome.is_some_and(|it| it < self.issued_within);
        if row.state == State::Recorded {
            choice.pending += 1;
        } else if let Some(revocation) = &row.revocation {
            // Burnt serials among them.
            choice.revoked_before += 1;
            let is_since = is_meant && revocation.index >= self.issued_within;
            choice.ended_since += u64::from(self.counted.is_some() && is_since);
            if row.state == State::Issued && row.not_after >= self.now.seconds() {
                self.revoked.pass(&key, row);
            }
        } else if row.state != State::Issued {
            // Burnt serials are revoked; this is only complete.
        } else if row.not_after < self.now.seconds() {
            choice.expired += 1;
            let is_since = self.counted.is_some_and(|it| row.not_after >= it.seconds());
            choice.ended_since += u64::from(is_meant && is_since);
        } else if !is_meant {
            choice.issued_since += 1;
        } else {
            choice.certificates += 1;
            let serials = choice.by_issuer.entry(key.issuer).or_default();
            serials.push(key.serial);
        }
    }

    fn end(self, tables: &dyn Tables) -> Result<MassChoice, Error> {
        let mut choice = self.choice;
        choice.sample = sample::of(tables, &choice.by_issuer)?;
        choice.sample_revoked_before = self.revoked.sample();
        Ok(choice)
    }
}

impl Authority {
    /// What a selection means at present. Reads every certificate of the issuers in question, unless
    /// serial numbers are given.
    ///
    /// # Errors
    /// [`Error::BadArgument`] or [`Error::NotFound`] for the selection; [`Error::UnknownSerials`],
    /// [`Error::SerialAmbiguous`] or [`Error::CertificateState`] for its serial numbers.
    pub fn choose_revocations(
        &self,
        selection: &MassSelection,
        report: &mut Report<'_>,
    ) -> Result<MassChoice, Error> {
        selection.check(self)?;
        let sorting = self.sorting(selection)?;
        match &selection.serials {
            Some(serials) => self.choose_listed(selection, serials, sorting, report),
            None => self.choose_among_all(selection, sorting, report),
        }
    }

    fn sorting(&self, selection: &MassSelection) -> Result<Sorting, Error> {
        // What is issued while they are looked at is found or not: neither is meant.
        let size = meta::progress(self.tables())?.next_index;
        let counted = match selection.issued_within {
            Some(size) => Some(self.time_of(size.saturating_sub(1))?),
            None => None,
        };
        let issued_within = selection.issued_within.unwrap_or(size);
        Ok(Sorting {
            choice: MassChoice {
                counted_at: issued_within,
                begun_at: size,
                is_counted: counted.is_some(),
                ..MassChoice::default()
            },
            revoked: Passing::default(),
            now: self.now(),
            issued_within,
            counted,
        })
    }

    fn time_of(&self, index: u64) -> Result<UnixTime, Error> {
        Ok(UnixTime::from_seconds(self.entry(index)?.time))
    }

    /// Takes out what was revoked by itself while others were chosen; whether there was any. Nothing may be
    /// revoked meanwhile.
    pub(super) fn leave_out_revoked_since(
        &self,
        choice: &mut MassChoice,
        shards: &BTreeSet<(String, u32)>,
    ) -> Result<bool, Error> {
        let mut revoked: BTreeMap<String, HashSet<Vec<u8>>> = BTreeMap::new();
        for (issuer, shard) in shards {
            let tables = self.tables();
            let of_issuer = revoked.entry(issuer.clone()).or_default();
            revocation::scan_since(tables, issuer, *shard, choice.begun_at, &mut |serial, _| {
                of_issuer.insert(serial.to_vec());
                true
            })?;
        }
        revoked.retain(|_, serials| !serials.is_empty());
        let mut left_out = 0;
        for (issuer, revoked) in revoked {
            let Some(chosen) = choice.by_issuer.get_mut(&issuer) else {
                continue;
            };
            let before = chosen.len();
            chosen.retain(|serial| !revoked.contains(serial));
            left_out += (before - chosen.len()) as u64;
        }
        choice.certificates -= left_out;
        choice.revoked_before += left_out;
        // Whoever says when they were counted forgives it.
        if choice.is_counted {
            choice.ended_since += left_out;
        }
        choice.by_issuer.retain(|_, serials| !serials.is_empty());
        Ok(left_out > 0)
    }

    fn choose_among_all(
        &self,
        selection: &MassSelection,
        mut sorting: Sorting,
        report: &mut Report<'_>,
    ) -> Result<MassChoice, Error> {
        let total = meta::progress(self.tables())?.certificates;
        let here: BTreeSet<String> = {
            let issuers = self.issuers().into_iter();
            let here = issuers.filter(|issuer| issuer.has_key());
            here.map(|issuer| issuer.name().to_owned()).collect()
        };
        let subscribers: BTreeSet<&str> = self
            .profiles
            .iter()
            .filter(|profile| profile.kind() == ProfileKind::EndEntity)
            .map(crate::profile::Profile::name)
            .collect();
        let mut seen = 0;
        let issuer = selection.issuer.as_deref().unwrap_or_default();
        self.each_certificate(issuer, &mut |key, row| {
            seen += 1;
            if seen % REPORT_EVERY == 0 {
                report(seen, total.max(seen));
            }
            if here.contains(&key.issuer)
                && subscribers.contains(row.profile.as_str())
                && selection.fits(&row)
            {
                sorting.take(key, &row);
            }
            true
        })?;
        report(seen, seen);
        sorting.end(self.tables())
    }

    fn choose_listed(
        &self,
        selection: &MassSelection,
        serials: &BTreeSet<Vec<u8>>,
        mut sorting: Sorting,
        report: &mut Report<'_>,
    ) -> Result<MassChoice, Error> {
        let now = sorting.now;
        let issuers: Vec<_> = match &selection.issuer {
            Some(name) => vec![self.issuer(name)?],
            None => self.issuers(),
        };
        let (mut unknown, mut first_unknown) = (0, None);
        for (seen, serial) in (1..).zip(serials) {
            if seen % REPORT_EVERY == 0 {
                report(seen, serials.len() as u64);
            }
            let mut found = None;
            for issuer in &issuers {
                let Some(row) = certificate::find(self.tables(), issuer.name(), serial)? else {
                    continue;
                };
                if found.replace((issuer, row)).is_some() {
                    let serial = hex::encode(serial);
                    return Err(Error::SerialAmbiguous { serial });
                }
            }
            let Some((issuer, row)) = found else {
                unknown += 1;
                first_unknown.get_or_insert_with(|| hex::encode(serial));
                continue;
            };
            let refuse = |reason| {
                Err(Error::CertificateState {
                    issuer: issuer.name().to_owned(),
                    serial: hex::encode(serial),
                    reason,
                })
            };
            if !selection.fits(&row) {
                return refuse(
                    "is in the list and is not of the profile or facilities named beside it",
                );
            }
            if !issuer.has_key() {
                return refuse("was issued by a CA whose key is elsewhere: revoke it there");
            }
            if issuer.ended && row.is_live(now) {
                return refuse("belongs to a CA that was ended: nothing follows its final CRL");
            }
            if issuer.is_root() && issuer.serial == *serial {
                return refuse("is a root's own: remove the trust anchor instead");
            }
            let key = CertificateKey {
                issuer: issuer.name().to_owned(),
                serial: serial.clone(),
            };
            sorting.take(key, &row);
        }
        if let Some(first) = first_unknown {
            let count = unknown;
            return Err(Error::UnknownSerials { count, first });
        }
        report(serials.len() as u64, serials.len() as u64);
        sorting.end(self.tables())
    }
}
