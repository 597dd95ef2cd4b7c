//! `kasane hsm doctor`

mod examine;
mod finding;
mod recorded;

use kasane_web::control::{DeviceReconcile, ExitClass, Problem, Request};
use serde_json::json;

use crate::answer::Answer;
use crate::args::Global;
use crate::hardware::{HardwareConfig, ManagedSimulators};
use crate::session::execute;

use examine::Drain;
use finding::Outcome;

/// Examine every device: reachable, the right one, credentials, log, keys; with advice
///
/// Changes nothing and signs nothing. Each credential is tried once, in one session that is closed at the
/// end, unless it was refused before; a PIN that a token says is nearly locked is not tried. A YubiHSM
/// logs each session: where its log has no room for them, the service that runs is asked to drain it, and
/// without one no credential is tried. Works while the service runs. Exit code 1 when something is wrong.
///
/// Example:
///   kasane hsm doctor
///   kasane hsm doctor --device hsm-a
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Only this one
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    let config = HardwareConfig::require(global)?;
    let recorded = recorded::keys(global)?;
    let _simulators = ManagedSimulators::start(&config)?;
    let drain_through_service =
        || execute(global, Request::DeviceReconcile(DeviceReconcile {})).map(drop);
    let drain: Option<&Drain<'_>> = recorded.by_service.then_some(&drain_through_service);
    let mut findings = Vec::new();
    for device in &config.document.devices {
        if args.device.as_ref().is_none_or(|name| *name == device.name) {
            findings.extend(examine::device(&config, device, &recorded.keys, drain));
        }
    }
    if findings.is_empty() {
        let message = format!("no device of that name is in {}", config.path.display());
        return Err(Problem::new(ExitClass::NotFound, "device.unknown", message));
    }
    let count = |outcome: Outcome| findings.iter().filter(|it| it.outcome == outcome).count();
    let (wrong, warnings) = (count(Outcome::Wrong), count(Outcome::Warning));
    let mut text: String = findings.iter().map(ToString::to_string).collect();
    text.push_str(&format!("{wrong} wrong, {warnings} warnings\n"));
    let refusal = (wrong > 0).then(|| {
        let message = format!("{wrong} things are wrong; the advice stands above");
        Problem::new(ExitClass::Negative, "hsm.unwell", message)
    });
    Ok(Answer {
        json: json!({
            "wrong": wrong,
            "warnings": warnings,
            "findings": findings.iter().map(finding::Finding::to_json).collect::<Vec<_>>(),
        }),
        text,
        notes: String::new(),
        refusal,
    })
}
