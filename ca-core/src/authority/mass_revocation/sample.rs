//! A few certificates of an act: the first and the last of each issuer, and some between.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::projection::certificate::{self, CertificateKey, CertificateRow};
use crate::store::Tables;

/// Certificates that a sample has at most.
const SAMPLES: usize = 20;

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

/// A sample of certificates by issuer, in the order in which an act names them.
///
/// # Errors
/// [`Error::Store`].
pub(super) fn of(
    tables: &dyn Tables,
    by_issuer: &BTreeMap<String, Vec<Vec<u8>>>,
) -> Result<Vec<SampleCertificate>, Error> {
    let counts: Vec<usize> = by_issuer.values().map(Vec::len).collect();
    let wanted = positions(&counts);
    let mut sample = Vec::with_capacity(wanted.len());
    let mut before = 0;
    for (issuer, serials) in by_issuer {
        for position in wanted.range(before..before + serials.len()) {
            let Some(serial) = serials.get(position - before) else {
                continue;
            };
            let Some(row) = certificate::find(tables, issuer, serial)? else {
                continue;
            };
            sample.push(SampleCertificate {
                key: CertificateKey {
                    issuer: issuer.clone(),
                    serial: serial.clone(),
                },
                subject: row.subject,
                profile: row.profile,
            });
        }
        before += serials.len();
    }
    Ok(sample)
}

/// Places in a sequence of groups of those sizes: its first and its last, those of each group, and
/// the rest evenly from all over it.
fn positions(counts: &[usize]) -> BTreeSet<usize> {
    let total: usize = counts.iter().sum();
    let Some(last) = total.checked_sub(1) else {
        return BTreeSet::new();
    };
    let mut chosen = BTreeSet::from([0, last]);
    let mut before = 0;
    let mut ends = Vec::new();
    for count in counts.iter().filter(|count| **count > 0) {
        ends.extend([before, before + count - 1]);
        before += count;
    }
    for position in ends {
        if chosen.len() < SAMPLES {
            chosen.insert(position);
        }
    }
    let between = SAMPLES - chosen.len() + 1;
    chosen.extend((1..between).map(|step| last * step / between));
    chosen
}

/// A sample of certificates that are only passed by: the first, those at powers of two, the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Passing {
    count: u64,
    kept: Vec<SampleCertificate>,
    last: Option<SampleCertificate>,
}

impl Passing {
    pub(super) fn pass(&mut self, key: &CertificateKey, row: &CertificateRow) {
        self.count += 1;
        let passed = SampleCertificate {
            key: key.clone(),
            subject: row.subject.clone(),
            profile: row.profile.clone(),
        };
        if self.count.is_power_of_two() && self.kept.len() + 1 < SAMPLES {
            self.kept.push(passed);
            self.last = None;
        } else {
            self.last = Some(passed);
        }
    }

    pub(super) fn sample(self) -> Vec<SampleCertificate> {
        self.kept.into_iter().chain(self.last).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_has_the_first_and_the_last_of_each_issuer_and_some_between() {
        assert!(positions(&[]).is_empty());
        assert_eq!(positions(&[1]), BTreeSet::from([0]));
        assert_eq!(positions(&[3]), BTreeSet::from([0, 1, 2]));
        let chosen = positions(&[1_000, 0, 5, 500_000]);
        for position in [0, 999, 1_000, 1_004, 1_005, 501_004] {
            assert!(chosen.contains(&position), "{position}: {chosen:?}");
        }
        assert_eq!(chosen.len(), SAMPLES);
        let halves = chosen.iter().filter(|it| **it > 250_000).count();
        assert!((5..15).contains(&halves), "{chosen:?}");
        // More issuers than fit: the ends of the whole are there.
        let many = positions(&[10; 100]);
        assert!(many.contains(&0) && many.contains(&999), "{many:?}");
        assert_eq!(many.len(), SAMPLES);
    }
}
