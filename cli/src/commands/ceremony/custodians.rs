//! `kasane ceremony custodians`

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use kasane_ca_core::Error;
use kasane_ca_core::custody::{
    CustodyError, Gathering, MAX_SHARE_FILE_BYTES, MIN_PASSPHRASE_CHARS, SECRET_BYTES, Share,
    ShareFile, ShareHeader, split,
};
use kasane_ca_core::random::{RandomSource, SystemRandom};
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;
use zeroize::Zeroizing;

use crate::answer::Answer;
use crate::args::Global;
use crate::commands::files::{self, NewFile};

/// How often a passphrase may be mistyped before the command ends.
const TRIES: u32 = 3;

/// Custodians of the wrap key: make their shares, check that they restore it
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new wrap key and write one encrypted share for each custodian
    ///
    /// One custodian after another enters a passphrase, twice, that nobody else knows. The key itself
    /// is shown nowhere and kept nowhere: 'kasane hsm wrap-key' asks the custodians for it when a
    /// device needs it. If this is interrupted, the files that were written are worthless: remove them and
    /// begin again.
    ///
    /// Example:
    ///   kasane ceremony custodians make --threshold 2 --custodian 'custodian 1=/media/a/share.pem' \
    ///     --custodian 'custodian 2=/media/b/share.pem' --custodian 'custodian 3=/media/c/share.pem'
    #[command(verbatim_doc_comment)]
    Make {
        /// How many custodians restore the key together
        #[arg(long, value_name = "M")]
        threshold: u8,
        /// A custodian's role and the file of the share, on a medium of their own
        #[arg(long = "custodian", value_name = "ROLE=FILE", required = true)]
        custodians: Vec<String>,
    },
    /// Ask custodians for their shares and say whether they restore the key
    ///
    /// Example:
    ///   kasane ceremony custodians check /media/a/share.pem /media/c/share.pem
    #[command(verbatim_doc_comment)]
    Check {
        /// The share files
        #[arg(required = true)]
        shares: Vec<PathBuf>,
    },
}

pub(super) fn run(_global: &Global, args: Args) -> Result<Answer, Problem> {
    match args.command {
        Command::Make {
            threshold,
            custodians,
        } => make(threshold, &custodians),
        Command::Check { shares } => check(&shares),
    }
}

fn make(threshold: u8, custodians: &[String]) -> Result<Answer, Problem> {
    let (mut roles, mut medium) = (Vec::new(), Vec::new());
    for custodian in custodians {
        let Some((role, path)) = custodian.split_once('=') else {
            let message = format!("custodian {custodian:?}: write ROLE=FILE");
            return Err(Problem::new(ExitClass::Usage, "usage", message));
        };
        roles.push(role.to_owned());
        medium.push(Path::new(path));
    }
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    SystemRandom.fill(&mut secret[..]).map_err(Error::from)?;
    let shares = split(&secret[..], threshold, &roles, &SystemRandom).map_err(Error::from)?;
    drop(secret);
    // Every file is there, and empty, before anybody enters anything.
    let mut outputs = Vec::new();
    for path in medium {
        outputs.push(NewFile::private(path)?);
    }
    for (share, output) in shares.iter().zip(&mut outputs) {
        let passphrase = new_passphrase(share)?;
        let text = ShareFile::seal(share, &passphrase, &SystemRandom).map_err(Error::from)?;
        output.fill(text.as_bytes())?;
        eprintln!("written: {}", output.path().display());
    }
    let set = shares
        .first()
        .map(|it| it.header.set.clone())
        .unwrap_or_default();
    let count = shares.len();
    Ok(Answer {
        text: format!("custodian set {set}: {threshold} of {count} restore the wrap key\n"),
        json: json!({ "set": set, "threshold": threshold, "custodians": roles }),
        ..Answer::default()
    })
}

fn check(paths: &[PathBuf]) -> Result<Answer, Problem> {
    let (_, set) = restore_wrap_key(paths, &|_| Ok(()))?;
    Ok(Answer {
        text: format!("custodian set {set}: these shares restore the wrap key\n"),
        json: json!({ "set": set, "restored": true }),
        ..Answer::default()
    })
}

/// Asks one custodian after another, each for the passphrase of a share, and puts the shares
/// together: the wrap key, for a device's `put_wrap_key`, and the name of its set. `fits` judges what
/// stands in the clear on a share before its passphrase is asked for.
pub(crate) fn restore_wrap_key(
    paths: &[PathBuf],
    fits: &dyn Fn(&ShareHeader) -> Result<(), Problem>,
) -> Result<(Zeroizing<Vec<u8>>, String), Problem> {
    let mut gathering = Gathering::default();
    let mut set = String::new();
    for path in paths {
        let text = files::read_limited(path, MAX_SHARE_FILE_BYTES)?;
        let file = ShareFile::read(&text).map_err(Error::from)?;
        // Foreign and doubled shares are named before a passphrase is asked for.
        gathering.check(&file.header).map_err(Error::from)?;
        fits(&file.header)?;
        set.clone_from(&file.header.set);
        gathering.add(open(&file)?).map_err(Error::from)?;
    }
    Ok((gathering.secret().map_err(Error::from)?, set))
}

fn open(file: &ShareFile) -> Result<Share, Problem> {
    let it = &file.header;
    let prompt = format!(
        "{} (share {} of set {}): passphrase: ",
        it.role, it.index, it.set
    );
    let mut tries = TRIES;
    loop {
        match file.open(&ask(&prompt)?) {
            Err(error @ CustodyError::DoesNotOpen { .. }) if tries > 1 => {
                tries -= 1;
                eprintln!("{error}");
            }
            opened => return Ok(opened.map_err(Error::from)?),
        }
    }
}

fn new_passphrase(share: &Share) -> Result<Zeroizing<String>, Problem> {
    let it = &share.header;
    for _ in 0..TRIES {
        let first = ask(&format!(
            "{} (share {} of {}): new passphrase: ",
            it.role, it.index, it.shares
        ))?;
        if first.chars().count() < MIN_PASSPHRASE_CHARS {
            eprintln!("use at least {MIN_PASSPHRASE_CHARS} characters");
            continue;
        }
        if *ask(&format!("{}: again: ", it.role))? == *first {
            return Ok(first);
        }
        eprintln!("these two differ");
    }
    let message = format!("{}: no passphrase was entered twice alike", it.role);
    Err(Problem::new(
        ExitClass::Refused,
        "custody.passphrase",
        message,
    ))
}

/// A passphrase from the terminal, without echo.
fn ask(prompt: &str) -> Result<Zeroizing<String>, Problem> {
    if !std::io::stdin().is_terminal() {
        let message = "passphrases of custodians are entered at a terminal: this is none";
        return Err(Problem::new(
            ExitClass::Usage,
            "custody.no-terminal",
            message,
        ));
    }
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(|error| Problem::file("reading a passphrase from", Path::new("/dev/tty"), &error))
}
