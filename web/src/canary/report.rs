//! What canaries measured, for people and programs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::CanaryRun;
use super::history::History;
use crate::visibility::{CanarySettings, Seen, What};

/// What canaries measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryReport {
    /// Why there is none at present.
    pub off: Option<String>,
    /// How it lives.
    pub settings: CanarySettings,
    /// Canaries so far.
    pub count: u64,
    /// Those that the figures are of: at most the last 288.
    pub runs: u64,
    /// Those of them that measured nothing.
    pub failed: u64,
    /// Each endpoint.
    pub endpoints: Vec<EndpointReport>,
    /// The last one.
    pub last: Option<CanaryRun>,
}

/// How soon an endpoint tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointReport {
    /// Its name.
    pub endpoint: String,
    /// Its address.
    pub url: String,
    /// By OCSP or by delta CRL.
    pub what: What,
    /// Canaries that it was asked about.
    pub asked: u64,
    /// Those that it told of in time.
    pub in_time: u64,
    /// Those that it did not tell of while it was asked.
    pub never: u64,
    /// Milliseconds: the middle one, the one that 99 of 100 do not exceed, and the longest, of those
    /// that it told of.
    pub median_milliseconds: Option<u64>,
    /// See `median_milliseconds`.
    pub p99_milliseconds: Option<u64>,
    /// See `median_milliseconds`.
    pub longest_milliseconds: Option<u64>,
    /// What it said last.
    pub last: Seen,
}

impl CanaryReport {
    pub(super) fn new(settings: &CanarySettings, off: Option<String>, history: &History) -> Self {
        let mut endpoints: BTreeMap<(String, What), (EndpointReport, Vec<u64>)> = BTreeMap::new();
        let (mut runs, mut failed) = (0, 0);
        for run in history.runs() {
            runs += 1;
            failed += u64::from(run.failed.is_some());
            for it in &run.observations {
                let (report, times) = endpoints
                    .entry((it.endpoint.clone(), it.what))
                    .or_insert_with(|| {
                        let report = EndpointReport {
                            endpoint: it.endpoint.clone(),
                            url: it.url.clone(),
                            what: it.what,
                            asked: 0,
                            in_time: 0,
                            never: 0,
                            median_milliseconds: None,
                            p99_milliseconds: None,
                            longest_milliseconds: None,
                            last: it.seen.clone(),
                        };
                        (report, Vec::new())
                    });
                report.asked += 1;
                report.url.clone_from(&it.url);
                report.last = it.seen.clone();
                match it.after_milliseconds {
                    Some(after) => times.push(after),
                    None => report.never += 1,
                }
            }
            for it in run.observations.iter() {
                let late = run.late(settings).any(|late| late == it);
                if let Some((report, _)) = endpoints.get_mut(&(it.endpoint.clone(), it.what)) {
                    report.in_time += u64::from(!late);
                }
            }
        }
        let endpoints = endpoints.into_values().map(|(mut report, mut times)| {
            times.sort_unstable();
            report.median_milliseconds = part(&times, 50);
            report.p99_milliseconds = part(&times, 99);
            report.longest_milliseconds = times.last().copied();
            report
        });
        Self {
            off,
            settings: settings.clone(),
            count: history.count(),
            runs,
            failed,
            endpoints: endpoints.collect(),
            last: history.last().cloned(),
        }
    }
}

/// The value that so many of a hundred do not exceed, nearest rank.
fn part(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use kasane_verify::UnixTime;

    use super::*;
    use crate::visibility::Observation;

    #[test]
    fn percentile_is_the_nearest_rank() {
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!(
            (part(&hundred, 50), part(&hundred, 99)),
            (Some(50), Some(99))
        );
        assert_eq!(
            (part(&[7], 50), part(&[7], 99), part(&[], 99)),
            (Some(7), Some(7), None)
        );
    }

    #[test]
    fn late_and_silent_endpoints_are_counted_apart() {
        let observation = |after| Observation {
            endpoint: "edge".into(),
            url: "http://edge".into(),
            what: What::Ocsp,
            after_milliseconds: after,
            serial: "01".into(),
            seen: Seen::Unknown,
        };
        let mut history = History::default();
        for after in [Some(10), Some(5_000), None] {
            history.add(CanaryRun {
                begun: UnixTime::from_seconds(0),
                issuer: "issuing-rsa".into(),
                serial: "01".into(),
                observations: vec![observation(after)],
                failed: None,
            });
        }
        let report = CanaryReport::new(&CanarySettings::default(), None, &history);
        let edge = &report.endpoints[0];
        assert_eq!((edge.asked, edge.in_time, edge.never), (3, 1, 1));
        assert_eq!(edge.longest_milliseconds, Some(5_000));
    }
}
