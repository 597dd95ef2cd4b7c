//! `wrk` asks about many certificates, at a pace or as fast as answers come.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::load::{Cores, on_core};
use crate::bench::BenchError;

/// Connections that stay open.
const CONNECTIONS: u64 = 64;

/// What a span of asking gave; times are from a request to the end of its answer.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Latencies {
    /// Answers per second.
    pub(in crate::bench) per_second: f64,
    /// Median, milliseconds.
    pub(in crate::bench) median_ms: f64,
    /// 99th percentile, milliseconds.
    pub(in crate::bench) p99_ms: f64,
    /// The longest, milliseconds.
    pub(in crate::bench) longest_ms: f64,
}

/// Paths to GET, in files that `wrk` reads.
#[derive(Debug)]
pub(in crate::bench) struct Paths {
    dir: PathBuf,
    again: usize,
    once: usize,
}

/// How they are asked for.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) enum Pace {
    /// One after the other, as fast as answers come.
    EachInTurn,
    /// Any of those asked before, so many a second; each so-many-th one that nobody asked for yet
    /// (none when 0).
    AtRandom { per_second: u64, new_every: u64 },
}

impl Paths {
    /// Puts down paths that are asked for again and again, and others once each.
    pub(in crate::bench) fn write(
        dir: &Path,
        again: &[String],
        once: &[String],
    ) -> Result<Self, BenchError> {
        std::fs::write(dir.join("again"), again.join("\n"))?;
        std::fs::write(dir.join("once"), once.join("\n"))?;
        Ok(Self {
            dir: dir.to_owned(),
            again: again.len(),
            once: once.len(),
        })
    }

    /// How many there are of the first kind.
    pub(in crate::bench) const fn again(&self) -> usize {
        self.again
    }

    /// Asks from 64 connections on the load generator's processor.
    pub(in crate::bench) fn ask(
        &self,
        cores: Cores,
        address: SocketAddr,
        pace: Pace,
        span: Duration,
    ) -> Result<Latencies, BenchError> {
        let script = self.dir.join("paced.lua");
        std::fs::write(&script, self.script(pace, span)?)?;
        let output = on_core(cores.load, || {
            Ok(Command::new("wrk")
                .args(["-t1", "-c", &CONNECTIONS.to_string()])
                .arg(format!("-d{}s", span.as_secs().max(1)))
                .arg("-s")
                .arg(&script)
                .arg(format!("http://{address}/"))
                .output()?)
        })?;
        let text = String::from_utf8_lossy(&output.stdout);
        read(&text).ok_or_else(|| BenchError::Prepare(format!("wrk met errors: {text}")))
    }

    fn script(&self, pace: Pace, span: Duration) -> Result<String, BenchError> {
        let mut text = String::from(
            "local function lines(name)\nlocal all = {}\n\
             for line in io.lines(name) do all[#all + 1] = line end\nreturn all\nend\n",
        );
        let mut add = |line: String| {
            // Writing to a string does not fail.
            let _written = writeln!(text, "{line}");
        };
        for name in ["again", "once"] {
            let path = self.dir.join(name);
            add(format!(
                "local {name} = lines({:?})",
                path.to_string_lossy()
            ));
        }
        match pace {
            Pace::EachInTurn => add("local at = 0\nrequest = function()\n\
                 at = at % #again + 1\nreturn wrk.format(\"GET\", again[at])\nend"
                .to_owned()),
            Pace::AtRandom {
                per_second,
                new_every,
            } => {
                let new = per_second * span.as_secs() / new_every.max(1);
                if new_every > 0 && usize::try_from(new).is_ok_and(|new| new > self.once) {
                    return Err(BenchError::Prepare(format!(
                        "{new} new certificates are needed for {} s, and {} were chosen: use a larger \
                         population or fewer --seconds",
                        span.as_secs(),
                        self.once
                    )));
                }
                // Pauses are whole milliseconds between 0 and twice their mean.
                let pauses = 2 * CONNECTIONS * 1_000 / per_second.max(1);
                add(format!(
                    "local count, new = 0, 0\nrequest = function()\ncount = count + 1\n\
                     if {new_every} > 0 and count % {new_every} == 0 and new < #once then\n\
                     new = new + 1\nreturn wrk.format(\"GET\", once[new])\nend\n\
                     return wrk.format(\"GET\", again[math.random(#again)])\nend\n\
                     delay = function() return math.random(0, {pauses}) end"
                ));
            }
        }
        add(
            "done = function(summary, latency, requests)\nlocal bad = summary.errors\n\
             io.write(string.format(\"asked %f %f %f %f %f %d\\n\", summary.requests, \
             summary.duration, latency:percentile(50), latency:percentile(99), latency.max, \
             bad.connect + bad.read + bad.write + bad.status + bad.timeout))\nend"
                .to_owned(),
        );
        Ok(text)
    }
}

/// The line that the script's `done` writes: requests, microseconds of the run, latencies in
/// microseconds, errors.
fn read(text: &str) -> Option<Latencies> {
    let line = text.lines().find_map(|line| line.strip_prefix("asked "))?;
    let fields: Vec<f64> = line
        .split_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    let [requests, duration, median, p99, longest, errors] = *fields.as_slice() else {
        return None;
    };
    (errors < 1.0).then_some(Latencies {
        per_second: requests * 1e6 / duration,
        median_ms: median / 1e3,
        p99_ms: p99 / 1e3,
        longest_ms: longest / 1e3,
    })
}
