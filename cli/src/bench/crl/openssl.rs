//! `openssl ca -gencrl`, with an index of as many revoked certificates.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::BenchError;
use crate::bench::measure::{resident_mib_of, rounded};

const CONFIGURATION: &str = "\
[ca]
default_ca = this
[this]
database = index.txt
crlnumber = crlnumber
certificate = ca.pem
private_key = ca.key
default_md = sha384
default_crl_days = 4
unique_subject = no
";

/// Its folder.
pub(super) struct Peer {
    folder: tempfile::TempDir,
}

/// One list made.
pub(super) struct Run {
    pub(super) seconds: f64,
    pub(super) peak_mib: f64,
}

impl Peer {
    /// A P-384 CA with that many revoked certificates; none where there is no `openssl`.
    pub(super) fn prepare(entries: u64) -> Result<Option<Self>, BenchError> {
        let peer = Self {
            folder: tempfile::tempdir()?,
        };
        let at = |name: &str| peer.folder.path().join(name);
        std::fs::write(at("openssl.cnf"), CONFIGURATION)?;
        std::fs::write(at("crlnumber"), "01\n")?;
        let mut index = String::new();
        for entry in 0..entries {
            // As many octets as ours have, in ascending order.
            let serial = u128::from(entry) << 64 | 0x23 << 120 | 0x5a5a_5a5a;
            let written = writeln!(
                index,
                "R\t300101000000Z\t261120030000Z,superseded\t{serial:032X}\tunknown\t/CN=terminal"
            );
            written.map_err(|error| BenchError::Prepare(error.to_string()))?;
        }
        std::fs::write(at("index.txt"), index)?;
        let made = peer
            .command(&[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-384",
                "-nodes",
                "-keyout",
                "ca.key",
                "-out",
                "ca.pem",
                "-subj",
                "/CN=Benchmark",
                "-days",
                "30",
            ])
            .output();
        match made {
            Ok(output) if output.status.success() => Ok(Some(peer)),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(BenchError::Prepare(format!("openssl req: {said}")))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn run(&self) -> Result<Run, BenchError> {
        let begun = Instant::now();
        let mut child = self
            .command(&["ca", "-gencrl", "-config", "openssl.cnf", "-out", "crl.pem"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut peak_mib = 0.0_f64;
        let status = loop {
            // The last look before its end has nearly all of it: lists are freed last.
            if let Some(seen) = resident_mib_of(child.id(), "VmHWM") {
                peak_mib = peak_mib.max(seen);
            }
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        if !status.success() {
            let reason = format!("openssl ca -gencrl ended with {status}");
            return Err(BenchError::Prepare(reason));
        }
        Ok(Run {
            seconds: begun.elapsed().as_secs_f64(),
            peak_mib: rounded(peak_mib),
        })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let folder: &Path = self.folder.path();
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(folder);
        command
    }
}
