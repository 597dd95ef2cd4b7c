//! `kasane ceremony`

mod custodians;
mod hold;
mod record;
mod rehearse;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use kasane_ca_core::Error;
use kasane_ca_core::ceremony::Script;
use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_ca_core::configuration::Configuration;
use kasane_ca_core::profile::Profiles;
use kasane_verify::UnixTime;
use kasane_verify::policy::{OVERLAP_TIMELINE_TOML, Timeline};
use kasane_web::control::{ExitClass, Problem};

pub(crate) use custodians::restore_wrap_key;

use super::files;
use crate::answer::Answer;
use crate::args::Global;

/// Largest script, timeline or profile that is read.
const MAX_FILE_BYTES: usize = 262_144;

/// Make an authority from one reviewed file, or go on with one: keys, certificates, imports, CRLs
///
/// Steps that were done before are skipped, so an interrupted ceremony is continued by running it
/// again. --dry-run runs everything in a scratch folder; --artefacts writes each byte that would be
/// signed, --plan fixes them. Nothing here uses a network.
///
/// Example:
///   kasane ceremony script.toml --dry-run
///   kasane ceremony script.toml --only-keys
///   kasane ceremony script.toml --dry-run --artefacts ./review --plan plan.toml
///   kasane ceremony script.toml --plan plan.toml --out /media/usb
///   kasane ceremony record --out record.html
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    held: Option<Held>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Record(record::Args),
    Custodians(custodians::Args),
}

/// A ceremony to hold or to rehearse.
#[derive(Debug, clap::Args)]
pub(crate) struct Held {
    /// The reviewed script, TOML
    script: PathBuf,
    /// Check everything and print the steps, but do nothing
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: write what would be signed into this folder, as DER and as text
    #[arg(long, value_name = "DIR", requires = "dry_run")]
    artefacts: Option<PathBuf>,
    /// With --dry-run: write the plan that fixes what was rehearsed; without: follow it
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// With --dry-run: the instant from which everything is valid; now if none is named
    #[arg(long, value_name = "TIME", requires = "dry_run")]
    at: Option<UnixTime>,
    /// Make the keys and end: a rehearsal then shows the final bytes
    #[arg(long, conflicts_with = "dry_run")]
    only_keys: bool,
    /// Write requests, certificates and CRLs of the script into this folder, to be carried
    #[arg(long, value_name = "DIR", conflicts_with = "dry_run")]
    out: Option<PathBuf>,
    /// Begin with devices whose log somebody else has read: why; it is noted in the ledger. Otherwise such
    /// a device is refused
    #[arg(long, value_name = "REASON", conflicts_with = "dry_run")]
    accept_device_history: Option<String>,
    /// The policy timeline, TOML; the overlap's if none is named
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
    /// The folder of profiles, TOML; those of this program if none is named
    #[arg(long, value_name = "DIR")]
    profiles: Option<PathBuf>,
}

/// The documents of a ceremony, checked against each other.
struct Checked {
    script_text: String,
    script: Script,
    timeline: String,
    profiles: Vec<(String, String)>,
    shift_days: i64,
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let held = match (args.command, args.held) {
        (Some(Command::Record(args)), _) => return record::run(global, &args),
        (Some(Command::Custodians(args)), _) => return custodians::run(global, args),
        (None, Some(held)) => held,
        (None, None) => {
            let message = "name the ceremony's script, or 'record' or 'custodians'";
            return Err(Problem::new(ExitClass::Usage, "usage", message));
        }
    };
    let checked = check(&held)?;
    if held.dry_run {
        return rehearse::run(global, &held, &checked);
    }
    hold::run(global, &held, &checked)
}

fn check(args: &Held) -> Result<Checked, Problem> {
    let script_text = files::read_text(&args.script, MAX_FILE_BYTES)?;
    let script = Script::from_toml(&script_text).map_err(Error::from)?;
    let timeline = match &args.timeline {
        Some(path) => files::read_text(path, MAX_FILE_BYTES)?,
        None => OVERLAP_TIMELINE_TOML.to_owned(),
    };
    let profiles = match &args.profiles {
        Some(folder) => read_profiles(folder)?,
        None => Profiles::embedded_files()
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect(),
    };
    let configuration = Configuration::new(script.authority.clone())?;
    let real = Timeline::from_toml(&timeline).map_err(Error::from)?;
    let in_force = configuration.timeline(&real, SystemClock.now());
    let sources = profiles
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let loaded = Profiles::load(sources).map_err(Error::from)?;
    loaded.check(&in_force).map_err(Error::from)?;
    let shift_days = in_force.shift_days();
    Ok(Checked {
        script_text,
        script,
        timeline,
        profiles,
        shift_days,
    })
}

fn headline(checked: &Checked) -> String {
    let config = &checked.script.authority;
    let timeline = match checked.shift_days {
        0 => "the real timeline".to_owned(),
        days => format!("the demonstration timeline (the real one, shifted by {days} days)"),
    };
    let (origin, mode) = (&config.origin, config.mode.as_str());
    format!("ceremony of {origin}: {mode} mode, {timeline}")
}

fn read_profiles(folder: &Path) -> Result<Vec<(String, String)>, Problem> {
    let failed = |error: std::io::Error| Problem::file("reading", folder, &error);
    let mut profiles = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        if let Some(name) = name.filter(|name| name.ends_with(".toml")) {
            profiles.push((name, files::read_text(&path, MAX_FILE_BYTES)?));
        }
    }
    profiles.sort();
    Ok(profiles)
}

/// The documents as an authority takes them.
fn profiles(checked: &Checked) -> Vec<(&str, &str)> {
    let named = checked.profiles.iter();
    named
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect()
}

/// Largest file that a script names: a CRL.
const MAX_NAMED_BYTES: usize = 16 * 1024 * 1024;

/// Reads a file that the script names; its name is relative to the script's folder.
fn read_beside(script: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = script.parent().unwrap_or_else(|| Path::new("")).join(name);
    files::read_limited(&path, MAX_NAMED_BYTES).map_err(|problem| problem.message)
}
