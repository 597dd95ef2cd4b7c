//! `wrk` on a processor of its own.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::bench::BenchError;
use crate::bench::measure::{Rate, processor_seconds};

/// Connections that stay open.
const CONNECTIONS: &str = "64";

/// Which processors are used.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Cores {
    /// By the server that is measured.
    pub(in crate::bench) server: usize,
    /// By the load generator; the same when there is no other.
    pub(in crate::bench) load: usize,
}

/// The load generator.
#[derive(Debug)]
pub(in crate::bench) struct Load {
    cores: Cores,
    span: Duration,
}

/// What `wrk` sends when it is no plain GET.
#[derive(Debug)]
pub(in crate::bench) struct Script(PathBuf);

/// Whose processor time counts.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) enum Processor {
    /// This process's.
    Own,
    /// That of another one.
    Of(u32),
}

impl Cores {
    pub(in crate::bench) fn of_this_process() -> Result<Self, BenchError> {
        let set = sched_getaffinity(None).map_err(io::Error::from)?;
        let mut usable = (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core));
        let server = usable.next().unwrap_or(0);
        let load = usable.next().unwrap_or(server);
        Ok(Self { server, load })
    }
}

/// Binds the calling thread, and what it starts, to one processor.
pub(in crate::bench) fn bind_to(core: usize) -> io::Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}

/// Runs `work` on one processor.
pub(in crate::bench) fn on_core<T: Send>(
    core: usize,
    work: impl FnOnce() -> Result<T, BenchError> + Send,
) -> Result<T, BenchError> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            bind_to(core)?;
            work()
        });
        thread
            .join()
            .unwrap_or_else(|_| Err(BenchError::Prepare("a thread panicked".into())))
    })
}

impl Load {
    /// Looks for `wrk`.
    pub(in crate::bench) fn find(cores: Cores, span: Duration) -> Result<Self, BenchError> {
        // It knows no way to ask for its version without an error status.
        match Command::new("wrk").arg("--version").output() {
            Ok(_) => Ok(Self { cores, span }),
            Err(_) => Err(BenchError::Missing {
                program: "wrk",
                package: "wrk",
            }),
        }
    }

    /// GETs `path` from 64 connections.
    pub(in crate::bench) fn get(
        &self,
        address: SocketAddr,
        path: &str,
        of: Processor,
    ) -> Result<Rate, BenchError> {
        self.run(&[&format!("http://{address}{path}")], of)
    }

    /// Sends what a script says from 64 connections.
    pub(in crate::bench) fn scripted(
        &self,
        address: SocketAddr,
        script: &Script,
        of: Processor,
    ) -> Result<Rate, BenchError> {
        let script = script.0.to_string_lossy();
        self.run(&["-s", &script, &format!("http://{address}/")], of)
    }

    fn run(&self, arguments: &[&str], of: Processor) -> Result<Rate, BenchError> {
        let before = of.seconds();
        let output = on_core(self.cores.load, || {
            Ok(Command::new("wrk")
                .args(["-t1", "-c", CONNECTIONS])
                .arg(format!("-d{}s", self.span.as_secs().max(1)))
                .args(arguments)
                .output()?)
        })?;
        let used = of.seconds() - before;
        let text = String::from_utf8_lossy(&output.stdout);
        let failed = |what: &str| BenchError::Prepare(format!("wrk {what}: {text}"));
        if text.contains("Non-2xx") || text.contains("Socket errors") {
            return Err(failed("met errors"));
        }
        let rate = word_after(&text, "Requests/sec:").ok_or_else(|| failed("gave no rate"))?;
        let count = text
            .lines()
            .find(|line| line.contains(" requests in "))
            .and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok())
            .ok_or_else(|| failed("gave no count"))?;
        Ok(Rate {
            per_second: rate,
            processor_us: used * 1e6 / count,
        })
    }
}

impl Processor {
    fn seconds(self) -> f64 {
        processor_seconds(match self {
            Self::Own => None,
            Self::Of(process) => Some(process),
        })
    }
}

impl Script {
    /// POSTs the same request again and again.
    pub(in crate::bench) fn post(
        dir: &Path,
        path: &str,
        request: &[u8],
    ) -> Result<Self, BenchError> {
        let body = lua(request);
        Self::write(
            dir.join("post.lua"),
            &format!("{}wrk.body = {body}\nwrk.path = \"{path}\"\n", head()),
        )
    }

    /// POSTs requests that differ in their nonce only: the octets `nonce` of `request` are counted.
    pub(in crate::bench) fn nonces(
        dir: &Path,
        path: &str,
        request: &[u8],
        nonce: &[u8; 16],
    ) -> Result<Self, BenchError> {
        let at = request.windows(nonce.len()).position(|it| it == nonce);
        let parts = at.and_then(|at| Some((request.get(..at)?, request.get(at + nonce.len()..)?)));
        let Some((front, rest)) = parts else {
            return Err(BenchError::Prepare("the request has no nonce".into()));
        };
        let text = format!(
            "{}local count = 0\nlocal front, rest = {}, {}\nrequest = function()\n\
             count = count + 1\n\
             return wrk.format(nil, \"{path}\", nil, front .. string.format(\"%016d\", count) .. rest)\n\
             end\n",
            head(),
            lua(front),
            lua(rest)
        );
        Self::write(dir.join("nonces.lua"), &text)
    }

    fn write(path: PathBuf, text: &str) -> Result<Self, BenchError> {
        std::fs::write(&path, text)?;
        Ok(Self(path))
    }
}

fn head() -> String {
    "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/ocsp-request\"\n"
        .to_owned()
}

/// Octets as a string of Lua.
fn lua(octets: &[u8]) -> String {
    let mut text = String::from("\"");
    for octet in octets {
        // Writing to a string does not fail.
        let _written = write!(text, "\\{octet:03}");
    }
    text.push('"');
    text
}

fn word_after(text: &str, name: &str) -> Option<f64> {
    let (_, rest) = text.split_once(name)?;
    rest.split_whitespace().next()?.parse().ok()
}
