//! The passphrase of software keys: from a file, never from the command line.

use std::path::{Path, PathBuf};

use kasane_ca_core::configuration::Mode;
use kasane_ca_core::random::RandomSource;
use kasane_web::control::{ExitClass, Problem};
use zeroize::Zeroizing;

use crate::args::Global;
use crate::secret_file::{self, SecretFileError};

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

/// Demonstrations make one; what protects real keys is chosen by people.
pub(crate) const fn when_missing(mode: Mode) -> WhenMissing {
    match mode {
        Mode::Demo => WhenMissing::Make,
        Mode::Production => WhenMissing::Refuse,
    }
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
    secret_file::read(path).map_err(|error| {
        let (class, code) = match &error {
            SecretFileError::Io { path, source } => {
                return Problem::file("reading the passphrase", path, source);
            }
            SecretFileError::Rights { .. } => (ExitClass::Environment, "passphrase.rights"),
            SecretFileError::TooLong { .. } => (ExitClass::Refused, "passphrase.long"),
            SecretFileError::Empty { .. } => (ExitClass::Refused, "passphrase.empty"),
        };
        Problem::new(class, code, format!("passphrase: {error}"))
    })
}

fn make(path: &Path, random: &dyn RandomSource) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let mut octets = Zeroizing::new([0; MADE_BYTES]);
    random
        .fill(&mut octets[..])
        .map_err(|error| Problem::from(kasane_ca_core::Error::from(error)))?;
    let mut secret = Zeroizing::new(vec![0; 2 * MADE_BYTES]);
    hex::encode_to_slice(&octets[..], &mut secret)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))?;
    secret_file::write_new(path, &secret)?;
    Ok(secret)
}
