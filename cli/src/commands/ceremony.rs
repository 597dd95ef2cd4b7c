//! `kasane ceremony`

use std::path::{Path, PathBuf};

use kasane_ca_core::Error;
use kasane_ca_core::authority::{Authority, Documents};
use kasane_ca_core::ceremony::{self, Script, StepReport};
use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_ca_core::configuration::{Configuration, Mode};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::profile::Profiles;
use kasane_hsm::config::Access;
use kasane_verify::policy::{OVERLAP_TIMELINE_TOML, Timeline};
use kasane_web::control::{CrlPublish, Problem, Request, Response, dispatch};
use serde_json::json;

use super::files;
use crate::answer::Answer;
use crate::args::Global;
use crate::composition::compose;
use crate::hardware::HardwareConfig;
use crate::passphrase::when_missing;
use crate::session::{Session, requester};

/// Largest script, timeline or profile that is read.
const MAX_FILE_BYTES: usize = 262_144;

/// Make an authority from one reviewed file: keys, CA certificates, cross-certificates, OCSP signers
///
/// Steps that were done before are skipped, so an interrupted ceremony is continued by running it
/// again. The first CRLs are published at its end.
///
/// Example:
///   kasane ceremony policy/ceremony/quickstart.toml --dry-run
///   kasane ceremony policy/ceremony/quickstart.toml --dir ./kasane-data
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The reviewed script, TOML
    script: PathBuf,
    /// Check everything and print the steps, but do nothing
    #[arg(long)]
    dry_run: bool,
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
    let checked = check(&args)?;
    if args.dry_run {
        return Ok(planned(&checked));
    }
    hold(global, &checked)
}

fn check(args: &Args) -> Result<Checked, Problem> {
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

fn planned(checked: &Checked) -> Answer {
    let script = &checked.script;
    let mut steps = Vec::new();
    for key in &script.keys {
        steps.push(format!("key {}: {} {}", key.label, key.algorithm, key.role));
    }
    for it in &script.certificates {
        steps.push(format!(
            "certificate {}: {} with key {}, signed by {}",
            it.name, it.profile, it.key, it.issuer
        ));
    }
    for it in &script.crosses {
        steps.push(format!(
            "cross-certificate {}: {} certified by {}",
            it.name, it.subject, it.issuer
        ));
    }
    for it in &script.ocsp_signers {
        steps.push(format!(
            "OCSP signer of {}: key {}, window {} h",
            it.issuer, it.key, it.window_hours
        ));
    }
    let mut text = format!(
        "{}\nnothing was done; these are the steps:\n",
        headline(checked)
    );
    for (index, step) in steps.iter().enumerate() {
        text.push_str(&format!("{:>3}. {step}\n", index + 1));
    }
    let json = json!({ "dry_run": true, "shift_days": checked.shift_days, "steps": steps });
    Answer {
        json,
        text,
        notes: String::new(),
        refusal: None,
    }
}

fn hold(global: &Global, checked: &Checked) -> Result<Answer, Problem> {
    let tell = |line: &str| {
        if !global.json {
            println!("{line}");
        }
    };
    tell(&headline(checked));
    let config = &checked.script.authority;
    if config.mode == Mode::Production {
        // Said before anything is made or started; the authority itself refuses as well.
        let devices = HardwareConfig::find(global)?;
        let reason = match &devices {
            None => Some("write DIR/hsm.toml or name it with --hsm-config"),
            Some(devices) if devices.has_simulator() => Some("hsm.toml names a simulator"),
            Some(_) => None,
        };
        if let Some(reason) = reason {
            return Err(Error::Mode {
                mode: config.mode.as_str().to_owned(),
                reason: format!("keys must live in hardware: {reason}"),
            }
            .into());
        }
    }
    let folder = DataFolder::open_or_create(&global.dir)?;
    let composition = compose(global, &folder, Access::Ceremony, when_missing(config.mode))?;
    if let Some(path) = &composition.passphrase_made {
        tell(&format!(
            "development keys in software; their passphrase was made: {}",
            path.display()
        ));
    }
    let profiles: Vec<_> = checked
        .profiles
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let documents = Documents {
        script: &checked.script_text,
        timeline: &checked.timeline,
        profiles: &profiles,
    };
    Authority::begin(&folder, &composition.parts, config, &documents)?;
    drop(composition);
    let session = Session::start(global, folder, Access::Ceremony)?;
    let held = steps(&session, checked, &tell);
    let answer = held.map(|(steps, crls)| {
        let size = session.authority.ledger().size();
        tell(&format!("{crls} CRLs published"));
        tell(&format!(
            "the authority is ready: {size} ledger entries in {}",
            session.folder.path().display()
        ));
        tell("next: kasane facility add …, kasane issue …, kasane serve");
        let steps: Vec<_> = steps
            .iter()
            .map(
                |it| json!({ "step": it.step, "detail": it.detail, "done_before": it.done_before }),
            )
            .collect();
        let json = json!({
            "steps": steps,
            "shift_days": checked.shift_days,
            "crls_published": crls,
            "ledger_size": size,
        });
        Answer {
            json,
            text: String::new(),
            notes: String::new(),
            refusal: None,
        }
    });
    session.stop();
    answer
}

/// Runs the script, then publishes the first CRLs.
fn steps(
    session: &Session,
    checked: &Checked,
    tell: &dyn Fn(&str),
) -> Result<(Vec<StepReport>, usize), Problem> {
    let mut steps = Vec::new();
    ceremony::run(&session.authority, &checked.script_text, &mut |report| {
        let mark = if report.done_before {
            "was done"
        } else {
            "done"
        };
        tell(&format!("  {mark}: {} ({})", report.step, report.detail));
        steps.push(report.clone());
    })?;
    let context = session.context();
    let publish = Request::CrlPublish(CrlPublish::default());
    let crls = match dispatch(&context, publish, &requester())? {
        Response::CrlsPublished(crls) => crls.published.len(),
        _ => 0,
    };
    Ok((steps, crls))
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
