//! Rehearsing a ceremony: the production code in a scratch folder.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use kasane_ca_core::Error;
use kasane_ca_core::authority::{Devices, Documents};
use kasane_ca_core::ceremony::{self, Artefact, Rehearsal, Surroundings};
use kasane_ca_core::clock::{Clock, SystemClock};
use kasane_ca_core::folder::{DataFolder, FolderError};
use kasane_ca_core::random::{RandomSource, SystemRandom};
use kasane_crl::{Publisher, Schedule};
use kasane_hsm::config::Access;
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;

use super::{Checked, Held, headline, profiles, read_beside};
use crate::answer::Answer;
use crate::args::Global;
use crate::commands::files::NewFile;
use crate::composition::{compose, compose_without_folder};
use crate::passphrase::WhenMissing;

pub(super) fn run(global: &Global, held: &Held, checked: &Checked) -> Result<Answer, Problem> {
    // Made before anything is worked out: what cannot be delivered is not begun.
    let mut plan_file = held.plan.as_deref().map(NewFile::create).transpose()?;
    let scratch = tempfile::tempdir().map_err(|error| {
        Problem::file("making a scratch folder in", &std::env::temp_dir(), &error)
    })?;
    // Held meanwhile, so that nothing changes what is copied.
    let real = match DataFolder::open(&global.dir) {
        Ok(folder) => Some(folder),
        Err(FolderError::Empty { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let mut composition = match &real {
        Some(folder) => compose(global, folder, Access::Ceremony, WhenMissing::Refuse)?,
        None => compose_without_folder(global)?,
    };
    // A rehearsal keeps no device's log: that is the authority's.
    composition.parts.devices = Devices::default();
    let parts = composition.parts.clone();
    let instant = held.at.unwrap_or_else(|| SystemClock.now());
    let mut seed = [0; 32];
    SystemRandom.fill(&mut seed).map_err(Error::from)?;
    let documents = Documents {
        script: &checked.script_text,
        timeline: &checked.timeline,
        profiles: &profiles(checked),
    };
    let rehearsal = Rehearsal::begin(
        scratch.path(),
        real.as_ref().map(DataFolder::path),
        &parts,
        &checked.script.authority,
        &documents,
        instant,
        seed,
    )?;
    let mut steps = Vec::new();
    let publisher = Publisher::new(Arc::clone(&rehearsal.authority), Schedule::default())?;
    let mut publish = |issuer: &str, shard| {
        let published = publisher.publish(issuer, shard)?;
        Ok(published.first().map_or(0, |full| full.number))
    };
    let surroundings = Surroundings {
        read: Some(&|name| read_beside(&held.script, name)),
        publish: Some(&mut publish),
        ..Surroundings::default()
    };
    ceremony::run_with(
        &rehearsal.authority,
        &checked.script_text,
        surroundings,
        &mut |report| steps.push(report.clone()),
    )?;
    let artefacts = rehearsal.artefacts()?;
    if let Some(folder) = &held.artefacts {
        write(folder, &artefacts)?;
    }
    let plan = rehearsal.plan(&checked.script_text)?;
    if let Some(file) = &mut plan_file {
        file.fill(plan.to_toml().map_err(Error::from)?.as_bytes())?;
    }
    let throw_away = rehearsal.throw_away_keys()?;
    let mut text = format!(
        "{}\nnothing was done; these are the steps:\n",
        headline(checked)
    );
    for (at, step) in steps.iter().enumerate() {
        let mark = if step.done_before { " (was done)" } else { "" };
        text.push_str(&format!(
            "{:>3}. {}: {}{mark}\n",
            at + 1,
            step.step,
            step.detail
        ));
    }
    text.push_str(&format!(
        "{} artefacts would be signed, valid from {}\n",
        artefacts.len(),
        instant.to_jst_string()
    ));
    if !throw_away.is_empty() {
        text.push_str(&format!(
            "keys that do not exist yet were made for this rehearsal and thrown away: {}\n\
             what contains or is signed with them will have other keys, key identifiers and hashes;\n\
             make the keys first (--only-keys) to see the final bytes\n",
            throw_away.join(", ")
        ));
    }
    let listed: Vec<_> = artefacts
        .iter()
        .map(|it| {
            json!({
                "step": it.step,
                "product": it.product.as_str(),
                "signer": it.signer,
                "provisional": it.provisional,
                "sha256": hex::encode(it.sha256()),
            })
        })
        .collect();
    let names: Vec<_> = steps
        .iter()
        .map(|it| format!("{}: {}", it.step, it.detail))
        .collect();
    Ok(Answer {
        json: json!({
            "dry_run": true,
            "shift_days": checked.shift_days,
            "steps": names,
            "artefacts": listed,
            "throw_away_keys": throw_away,
        }),
        text,
        ..Answer::default()
    })
}

/// `001-certificate-root-ecc.der` and its text, in the order of signing.
fn write(folder: &Path, artefacts: &[Artefact]) -> Result<(), Problem> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
        .map_err(|error| Problem::file("making", folder, &error))?;
    let empty = std::fs::read_dir(folder)
        .map_err(|error| Problem::file("reading", folder, &error))?
        .next()
        .is_none();
    if !empty {
        let message = format!("{}: it is not empty; name a new folder", folder.display());
        return Err(Problem::new(ExitClass::Conflict, "file.exists", message));
    }
    for (at, artefact) in artefacts.iter().enumerate() {
        let step: String = artefact
            .step
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let number = match artefact.ordinal {
            0 => String::new(),
            ordinal => format!("-{ordinal}"),
        };
        let name = format!("{:03}-{step}{number}", at + 1);
        NewFile::create(&folder.join(format!("{name}.der")))?.fill(&artefact.der)?;
        NewFile::create(&folder.join(format!("{name}.txt")))?
            .fill(artefact.to_text().as_bytes())?;
    }
    Ok(())
}
