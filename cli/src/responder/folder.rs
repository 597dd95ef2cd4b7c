//! What lies in the folder of an edge responder, and in the file that enrols it.

use std::fs;
use std::path::{Path, PathBuf};

use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::follower::{Enrolment, Follower};
use kasane_ca_core::random::SystemRandom;
use kasane_web::control::{ExitClass, Problem};
use zeroize::Zeroizing;

use crate::args::Global;
use crate::passphrase::{self, WhenMissing};
use crate::secret_file::{self, SecretFileError};

/// The field of an enrolment file that is no part of the configuration.
const TOKEN: &str = "token";

/// Writes what an edge is enrolled with into a file that only its owner may read.
pub(crate) fn write_enrolment(
    path: &Path,
    enrolment: &Enrolment,
    token: &str,
) -> Result<(), Problem> {
    let text = Zeroizing::new(format!("{}{TOKEN} = {token:?}", to_toml(enrolment)?));
    secret_file::write_new(path, text.as_bytes())
}

/// Makes `global.dir` into an edge. Returns the enrolment, and the file of a passphrase that was made.
pub(crate) fn create(
    global: &Global,
    enrolment_file: &Path,
) -> Result<(Enrolment, Option<PathBuf>), Problem> {
    let (enrolment, token) = read_enrolment(enrolment_file)?;
    let folder = DataFolder::open_or_create(&global.dir)?;
    if folder.ledger().exists() {
        let message = format!(
            "{}: holds an authority or an edge already; choose another folder with --dir",
            global.dir.display()
        );
        return Err(Problem::new(
            ExitClass::Conflict,
            "responder.exists",
            message,
        ));
    }
    let passphrase = passphrase::of(global, folder.path(), WhenMissing::Make, &SystemRandom)?;
    let config = config_path(folder.path());
    fs::write(&config, to_toml(&enrolment)?)
        .map_err(|error| Problem::file("writing", &config, &error))?;
    let token_path = token_path(folder.path());
    if token_path.exists() {
        // Left by an attempt that did not get as far as the ledger.
        fs::remove_file(&token_path)
            .map_err(|error| Problem::file("removing", &token_path, &error))?;
    }
    secret_file::write_new(&token_path, token.as_bytes())?;
    Follower::create(&folder, &enrolment)?;
    Ok((enrolment, passphrase.made))
}

/// Gives an edge a new token and what else its authority says now; the ledger's key stays what it is.
pub(crate) fn enrol_again(global: &Global, enrolment_file: &Path) -> Result<Enrolment, Problem> {
    let (enrolment, token) = read_enrolment(enrolment_file)?;
    let folder = DataFolder::open(&global.dir)?;
    let before = read(folder.path())?.0;
    if before.ledger_key != enrolment.ledger_key || before.name != enrolment.name {
        let message = "the enrolment is of another responder or another ledger: make a new edge in \
                       a folder of its own";
        return Err(Problem::new(ExitClass::Refused, "responder.other", message));
    }
    let (config, token_path) = (config_path(folder.path()), token_path(folder.path()));
    fs::write(&config, to_toml(&enrolment)?)
        .map_err(|error| Problem::file("writing", &config, &error))?;
    fs::remove_file(&token_path).map_err(|error| Problem::file("removing", &token_path, &error))?;
    secret_file::write_new(&token_path, token.as_bytes())?;
    Ok(enrolment)
}

/// What the edge in `dir` was enrolled with, and its token.
pub(crate) fn read(dir: &Path) -> Result<(Enrolment, Zeroizing<String>), Problem> {
    let config = config_path(dir);
    let text = fs::read_to_string(&config).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            let message = format!(
                "{}: holds no edge; run 'kasane responder init'",
                dir.display()
            );
            Problem::new(ExitClass::NotFound, "responder.none", message)
        }
        _ => Problem::file("reading", &config, &error),
    })?;
    Ok((Enrolment::from_toml(&text)?, secret(&token_path(dir))?))
}

/// Where the edge in `dir` was last served.
pub(crate) fn address_path(dir: &Path) -> PathBuf {
    dir.join("responder.address")
}

fn read_enrolment(path: &Path) -> Result<(Enrolment, Zeroizing<String>), Problem> {
    let text = secret(path)?;
    let bad = |reason: String| {
        let message = format!("{}: {reason}", path.display());
        Problem::new(ExitClass::Refused, "responder.enrolment", message)
    };
    // The parser's message would quote the line, and with it the token.
    let mut table: toml::Table =
        toml::from_str(&text).map_err(|error| bad(error.message().to_owned()))?;
    let Some(toml::Value::String(token)) = table.remove(TOKEN) else {
        return Err(bad(
            "has no token: it is not what 'responder enrol' wrote".to_owned()
        ));
    };
    let token = Zeroizing::new(token);
    if token.is_empty() || token.len() > 128 || !token.bytes().all(|it| it.is_ascii_hexdigit()) {
        return Err(bad("its token is none".to_owned()));
    }
    let rest = toml::to_string(&table).map_err(|error| bad(error.to_string()))?;
    Ok((Enrolment::from_toml(&rest)?, token))
}

fn secret(path: &Path) -> Result<Zeroizing<String>, Problem> {
    let octets = secret_file::read(path).map_err(|error| match error {
        SecretFileError::Io { path, source } => Problem::file("reading", &path, &source),
        other => Problem::new(
            ExitClass::Environment,
            "responder.secret",
            other.to_string(),
        ),
    })?;
    let text = std::str::from_utf8(&octets).map_err(|_| {
        let message = format!("{}: is not text", path.display());
        Problem::new(ExitClass::Refused, "responder.secret", message)
    })?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn to_toml(enrolment: &Enrolment) -> Result<String, Problem> {
    toml::to_string(enrolment)
        .map_err(|error| Problem::new(ExitClass::Internal, "encoding.failed", error.to_string()))
}

fn config_path(dir: &Path) -> PathBuf {
    dir.join("responder.toml")
}

fn token_path(dir: &Path) -> PathBuf {
    dir.join("feed.token")
}
