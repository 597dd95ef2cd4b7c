//! Holding a ceremony.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use kasane_ca_core::Error;
use kasane_ca_core::authority::{Authority, Documents};
use kasane_ca_core::ceremony::{self, MAX_PLAN_BYTES, Plan, StepReport, Surroundings};
use kasane_ca_core::configuration::Mode;
use kasane_ca_core::folder::DataFolder;
use kasane_crl::{Publisher, Schedule};
use kasane_hsm::config::Access;
use kasane_web::control::{CrlPublish, ExitClass, Problem, Request, Response, dispatch};
use serde_json::json;

use super::{Checked, Held, headline, profiles, read_beside};
use crate::answer::Answer;
use crate::args::Global;
use crate::commands::files::{self, NewFile};
use crate::composition::compose;
use crate::hardware::{Hardware, HardwareConfig};
use crate::passphrase::when_missing;
use crate::session::{Session, requester};

pub(super) fn run(global: &Global, held: &Held, checked: &Checked) -> Result<Answer, Problem> {
    let tell = |line: &str| {
        if !global.json {
            println!("{line}");
        }
    };
    tell(&headline(checked));
    let plan = held.plan.as_deref().map(read_plan).transpose()?;
    let config = &checked.script.authority;
    if config.mode == Mode::Production {
        // Said before anything is made or started; the authority itself refuses as well.
        let devices = HardwareConfig::find(global)?;
        let reason = match &devices {
            None => Some("write DIR/hsm.toml or name it with --hsm-config".to_owned()),
            Some(devices) => devices
                .simulator()
                .map(|name| format!("{name} in hsm.toml is a simulator")),
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
    let mut composition = compose(global, &folder, Access::Ceremony, when_missing(config.mode))?;
    if let Some(path) = &composition.passphrase_made {
        tell(&format!(
            "development keys in software; their passphrase was made: {}",
            path.display()
        ));
    }
    if let Some(hardware) = composition
        .hardware
        .as_ref()
        .filter(|_| !folder.ledger().exists())
    {
        composition.parts.devices.accepted_histories =
            hardware.histories(held.accept_device_history.as_deref())?;
    }
    let documents = Documents {
        script: &checked.script_text,
        timeline: &checked.timeline,
        profiles: &profiles(checked),
    };
    Authority::begin(&folder, &composition.parts, config, &documents)?;
    drop(composition);
    let session = Session::start(global, folder, Access::Ceremony)?;
    let answer = steps(&session, held, checked, plan.as_ref(), &tell);
    let answer = answer.and_then(|(steps, crls)| {
        let carried = carry(&session.authority, held, checked)?;
        let size = session.authority.ledger().size();
        for path in &carried {
            tell(&format!("written: {path}"));
        }
        if held.only_keys {
            tell("the keys are there; rehearse with --dry-run --artefacts DIR --plan FILE");
        } else {
            tell(&format!("{crls} CRLs published"));
            tell(&format!(
                "the authority is ready: {size} ledger entries in {}",
                session.folder.path().display()
            ));
            tell("next: kasane facility add …, kasane issue …, kasane serve");
        }
        let steps: Vec<_> = steps
            .iter()
            .map(
                |it| json!({ "step": it.step, "detail": it.detail, "done_before": it.done_before }),
            )
            .collect();
        Ok(Answer {
            json: json!({
                "steps": steps,
                "shift_days": checked.shift_days,
                "crls_published": crls,
                "ledger_size": size,
                "written": carried,
            }),
            ..Answer::default()
        })
    });
    session.stop();
    answer
}

/// Runs the script, then publishes what is still due.
fn steps(
    session: &Session,
    held: &Held,
    checked: &Checked,
    plan: Option<&Plan>,
    tell: &dyn Fn(&str),
) -> Result<(Vec<StepReport>, usize), Problem> {
    let mut steps = Vec::new();
    let mut crls = 0;
    let authority = &session.authority;
    let publisher = Publisher::new(Arc::clone(authority), Schedule::default())?;
    let mut publish = |issuer: &str, shard| {
        let published = publisher.publish(issuer, shard)?;
        crls += published.len();
        Ok(published.first().map_or(0, |full| full.number))
    };
    let devices = session
        .hardware
        .as_ref()
        .map(Hardware::identities)
        .unwrap_or_default();
    let surroundings = Surroundings {
        read: Some(&|name| read_beside(&held.script, name)),
        publish: Some(&mut publish),
        devices: &devices,
        plan,
        only_keys: held.only_keys,
    };
    ceremony::run_with(
        authority,
        &checked.script_text,
        surroundings,
        &mut |report| {
            let mark = if report.done_before {
                "was done"
            } else {
                "done"
            };
            tell(&format!("  {mark}: {} ({})", report.step, report.detail));
            steps.push(report.clone());
        },
    )?;
    if !held.only_keys && checked.script.crls.is_empty() {
        // What an interruption left: a delta CRL, a revocation of what it abandoned.
        let context = session.context();
        let due = Request::CrlPublish(CrlPublish::default());
        if let Response::CrlsPublished(due) = dispatch(&context, due, &requester())? {
            crls += due.published.len();
        }
    }
    Ok((steps, crls))
}

fn read_plan(path: &Path) -> Result<Plan, Problem> {
    let text = files::read_text(path, MAX_PLAN_BYTES)?;
    Ok(Plan::from_toml(&text).map_err(Error::from)?)
}

/// Writes what is to be carried elsewhere. A file that is there must be the same.
fn carry(authority: &Authority, held: &Held, checked: &Checked) -> Result<Vec<String>, Problem> {
    let Some(out) = held.out.as_deref().filter(|_| !held.only_keys) else {
        return Ok(Vec::new());
    };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(out)
        .map_err(|error| Problem::file("making", out, &error))?;
    let mut written = Vec::new();
    for file in ceremony::carried(authority, &checked.script)? {
        let path = out.join(&file.name);
        if path.exists() {
            let there = files::read_limited(&path, file.content.len() + 1)?;
            if there != file.content.as_bytes() {
                let message = format!(
                    "{}: another file of that name is there; move it away and run this again",
                    path.display()
                );
                return Err(Problem::new(ExitClass::Conflict, "file.exists", message));
            }
        } else {
            NewFile::create(&path)?.fill(file.content.as_bytes())?;
        }
        written.push(path.display().to_string());
    }
    Ok(written)
}
