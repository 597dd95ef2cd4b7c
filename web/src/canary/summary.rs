//! What everybody may know of what canaries measured: figures and names. No addresses, no serial numbers, and
//! nothing that a responder or the authority said.

use kasane_verify::UnixTime;
use serde::Serialize;

use super::{Canary, CanaryReport, CanaryRun, EndpointReport};
use crate::visibility::What;

/// What canaries measured, for whoever watches the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CanarySummary {
    /// Whether there is one at present.
    on: bool,
    interval_seconds: u64,
    /// Canaries so far.
    count: u64,
    /// Those that the figures are of.
    runs: u64,
    /// Those of them that measured nothing.
    failed: u64,
    last: Option<LastCanary>,
    endpoints: Vec<EndpointSummary>,
}

/// The last canary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct LastCanary {
    begun: UnixTime,
    /// So long ago, by the clock of the service.
    age_seconds: i64,
    /// Whether it measured anything.
    measured: bool,
}

/// How soon an endpoint tells: see [`EndpointReport`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct EndpointSummary {
    endpoint: String,
    what: What,
    asked: u64,
    in_time: u64,
    never: u64,
    median_milliseconds: Option<u64>,
    p99_milliseconds: Option<u64>,
    longest_milliseconds: Option<u64>,
    /// Whether it told of the last one that it was asked about.
    last_seen: bool,
}

impl Canary {
    /// What everybody may know, at `now`.
    pub(crate) fn summary(&self, now: UnixTime) -> CanarySummary {
        CanarySummary::new(self.report(), now)
    }
}

impl CanarySummary {
    fn new(report: CanaryReport, now: UnixTime) -> Self {
        let last = |run: CanaryRun| LastCanary {
            begun: run.begun,
            age_seconds: now.seconds_since(run.begun).max(0),
            measured: run.failed.is_none(),
        };
        Self {
            on: report.off.is_none(),
            interval_seconds: report.settings.interval_seconds,
            count: report.count,
            runs: report.runs,
            failed: report.failed,
            last: report.last.map(last),
            endpoints: report.endpoints.into_iter().map(endpoint).collect(),
        }
    }
}

fn endpoint(it: EndpointReport) -> EndpointSummary {
    EndpointSummary {
        endpoint: it.endpoint,
        what: it.what,
        asked: it.asked,
        in_time: it.in_time,
        never: it.never,
        median_milliseconds: it.median_milliseconds,
        p99_milliseconds: it.p99_milliseconds,
        longest_milliseconds: it.longest_milliseconds,
        last_seen: it.last.tells(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::canary::history::History;
    use crate::visibility::{CanarySettings, Observation, Seen};

    #[test]
    fn summary_has_figures_and_names_and_nothing_of_what_was_said() {
        let observation = |after, seen| Observation {
            endpoint: "edge-1".into(),
            url: "http://192.0.2.1:8080".into(),
            what: What::Ocsp,
            after_milliseconds: after,
            serial: "5ec2e7".into(),
            seen,
        };
        let date = UnixTime::from_seconds(0);
        let reason = "5ec2e7 at 192.0.2.1".to_owned();
        let silent = Seen::Unreachable { reason };
        let run = |second, observations, failed| CanaryRun {
            begun: UnixTime::from_seconds(second),
            issuer: "issuing-rsa".into(),
            serial: "5ec2e7".into(),
            observations,
            failed,
        };
        let mut history = History::default();
        history.add(run(
            0,
            vec![observation(Some(40), Seen::Revoked { date })],
            None,
        ));
        history.add(run(300, vec![observation(None, silent)], None));
        history.add(run(600, Vec::new(), Some("5ec2e7".to_owned())));
        let off = Some("5ec2e7".to_owned());
        let report = CanaryReport::new(&CanarySettings::default(), off, &history);
        let summary = CanarySummary::new(report, UnixTime::from_seconds(660));
        let edge = json!({
            "endpoint": "edge-1", "what": "ocsp", "asked": 2, "in_time": 1, "never": 1,
            "median_milliseconds": 40, "p99_milliseconds": 40, "longest_milliseconds": 40,
            "last_seen": false,
        });
        let last = json!({
            "begun": UnixTime::from_seconds(600), "age_seconds": 60, "measured": false,
        });
        let expected = json!({
            "on": false, "interval_seconds": 300, "count": 3, "runs": 3, "failed": 1,
            "last": last, "endpoints": [edge],
        });
        assert_eq!(serde_json::to_value(&summary).unwrap(), expected);
    }
}
