//! The passphrase of software keys: from a file, never from the command line.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use kasane_ca_core::random::RandomSource;
use kasane_web::control::{ExitClass, Problem};
use zeroize::Zeroizing;

use crate::args::Global;

/// Longest passphrase file.
const MAX_BYTES: u64 = 4096;

/// Octets of a passphrase that a demonstration makes: 256 bits.
const MADE_BYTES: usize = 32;

/// What to do when there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenMissing {
    /// Say so.
    Refuse,
    /// Make one beside the keys: for demonstrations only.
    Make,
}

/// A passphrase and whether it was made just now.
pub(crate) struct Passphrase {
    pub(crate) secret: Zeroizing<Vec<u8>>,
    pub(crate) made: Option<PathBuf>,
}

/// The passphrase of the keys in `dir`.
pub(crate) fn of(
    global: &Global,
    dir: &Path,
    when_missing: WhenMissing,
    random: &dyn RandomSource,
) -> Result<Passphrase, Problem> {
    if let Some(path) = &global.passphrase_file {
        return Ok(Passphrase {
            secret: read(path)?,
            made: None,
        });
    }
    let path = dir.join("keys.passphrase");
    if path.exists() {
        return Ok(Passphrase {
            secret: read(&path)?,
            made: None,
        });
    }
    if when_missing == WhenMissing::Make {
        return Ok(Passphrase {
            secret: make(&path, random)?,
            made: Some(path),
        });
    }
    Err(missing())
}

/// The passphrase in the file that the command line or the environment names.
pub(crate) fn named(global: &Global) -> Result<Zeroizing<Vec<u8>>, Problem> {
    global
        .passphrase_file
        .as_deref()
        .map_or_else(|| Err(missing()), read)
}

fn missing() -> Problem {
    Problem::new(
        ExitClass::Environment,
        "passphrase.missing",
        "the passphrase of the software keys is missing: name its file with --passphrase-file or \
         KASANE_KEY_PASSPHRASE_FILE",
    )
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let failed = |error: std::io::Error| Problem::file("reading the passphrase", path, &error);
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        let message = format!(
            "{}: others have access (mode {:03o}): chmod 600",
            path.display(),
            mode & 0o777
        );
        return Err(Problem::new(
            ExitClass::Environment,
            "passphrase.rights",
            message,
        ));
    }
    let mut secret = Zeroizing::new(Vec::with_capacity(4097));
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut secret)
        .map_err(failed)?;
    if secret.len() as u64 > MAX_BYTES {
        let message = format!(
            "{}: a passphrase has at most {MAX_BYTES} bytes",
            path.display()
        );
        return Err(Problem::new(ExitClass::Refused, "passphrase.long", message));
    }
    // Editors end files with a line end.
    while secret
        .last()
        .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
    {
        secret.pop();
    }
    if secret.is_empty() {
        let message = format!("{}: the passphrase is empty", path.display());
        return Err(Problem::new(
            ExitClass::Refused,
            "passphrase.empty",
            message,
        ));
    }
    Ok(secret)
}

fn make(path: &Path, random: &dyn RandomSource) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let mut octets = Zeroizing::new([0; MADE_BYTES]);
    random
        .fill(&mut octets[..])
        .map_err(|error| Problem::from(kasane_ca_core::Error::from(error)))?;
    let mut secret = Zeroizing::new(vec![0; 2 * MADE_BYTES]);
    hex::encode_to_slice(&octets[..], &mut secret)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(&secret)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        File::open(path.parent().unwrap_or_else(|| Path::new(".")))?.sync_all()
    };
    write().map_err(|error| Problem::file("writing the passphrase", path, &error))?;
    Ok(secret)
}
