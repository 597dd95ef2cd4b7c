//! Which certificates a selection means at present.

use std::collections::{BTreeMap, BTreeSet};

use kasane_verify::UnixTime;

use super::MassSelection;
use crate::Error;
use crate::authority::Authority;
use crate::profile::ProfileKind;
use crate::projection::certificate::{self, CertificateKey, CertificateRow, State};
use crate::projection::meta;

/// Certificates that are shown as a sample.
const SAMPLES: usize = 10;

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
    /// A few of those to be revoked, from all over the range.
    pub sample: Vec<SampleCertificate>,
}

/// A certificate of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleCertificate {
    /// Issuer and serial number.
    pub key: CertificateKey,
    /// Whom it names.
    pub subject: String,
    /// The profile's name.
    pub profile: String,
}

/// Told of certificates looked at, and how many there are.
pub(super) type Report<'a> = dyn FnMut(u64, u64) + 'a;

impl MassChoice {
    /// How many of each issuer.
    pub fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        let issuers = self.by_issuer.iter();
        issuers.map(|(issuer, serials)| (issuer.as_str(), serials.len() as u64))
    }

    fn take(&mut self, key: CertificateKey, row: &CertificateRow, now: UnixTime) {
        if row.revocation.is_some() {
            self.revoked_before += 1;
        } else if row.state == State::Recorded {
            self.pending += 1;
        } else if row.state != State::Issued {
            // Burnt serials are revoked; this is only complete.
        } else if row.not_after < now.seconds() {
            self.expired += 1;
        } else {
            self.certificates += 1;
            self.keep_sample(&key, row);
            self.by_issuer
                .entry(key.issuer)
                .or_default()
                .push(key.serial);
        }
    }

    /// Serial numbers are random: those at powers of two are a fair sample, and the first are there.
    fn keep_sample(&mut self, key: &CertificateKey, row: &CertificateRow) {
        if !self.certificates.is_power_of_two() && self.sample.len() >= SAMPLES {
            return;
        }
        if self.sample.len() >= 2 * SAMPLES {
            self.sample.remove(SAMPLES);
        }
        self.sample.push(SampleCertificate {
            key: key.clone(),
            subject: row.subject.clone(),
            profile: row.profile.clone(),
        });
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
        match &selection.serials {
            Some(serials) => self.choose_listed(selection, serials, report),
            None => self.choose_among_all(selection, report),
        }
    }

    fn choose_among_all(
        &self,
        selection: &MassSelection,
        report: &mut Report<'_>,
    ) -> Result<MassChoice, Error> {
        let now = self.now();
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
        let mut choice = MassChoice::default();
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
                choice.take(key, &row, now);
            }
            true
        })?;
        report(seen, seen);
        Ok(choice)
    }

    fn choose_listed(
        &self,
        selection: &MassSelection,
        serials: &BTreeSet<Vec<u8>>,
        report: &mut Report<'_>,
    ) -> Result<MassChoice, Error> {
        let now = self.now();
        let issuers: Vec<_> = match &selection.issuer {
            Some(name) => vec![self.issuer(name)?],
            None => self.issuers(),
        };
        let mut choice = MassChoice::default();
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
            choice.take(key, &row, now);
        }
        if let Some(first) = first_unknown {
            let count = unknown;
            return Err(Error::UnknownSerials { count, first });
        }
        report(serials.len() as u64, serials.len() as u64);
        Ok(choice)
    }
}
