//! `kasane hsm enable`

use kasane_hsm::DeviceName;
use kasane_web::control::{DeviceEnable, ExitClass, Problem, Request};
use serde_json::json;

use crate::answer::Answer;
use crate::args::Global;
use crate::hardware::{self, HardwareConfig};
use crate::session::execute_after;

/// Put a device back in service that was quarantined, disabled or rests; try a refused PIN once more
///
/// A credential that a device refused is not shown to it again, whatever is started, until its file
/// has changed or this command is run. Works while the service runs and without one.
///
/// Example:
///   kasane hsm enable hsm-b
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// Its name in hsm.toml
    device: String,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    let request = Request::DeviceEnable(DeviceEnable {
        device: args.device.clone(),
    });
    // A service forgets by itself. Without one it is done before the devices are opened, which shows
    // them their credentials.
    match execute_after(global, request, || forget(global, &args.device)) {
        Err(problem) if problem.code == "folder.empty" => {
            forget(global, &args.device)?;
            Ok(Answer {
                json: json!({ "device": args.device, "state": "not opened" }),
                text: format!(
                    "device {}: its credentials may be tried again; no authority is there that uses it\n",
                    args.device
                ),
                ..Answer::default()
            })
        }
        result => result.map(Answer::from),
    }
}

fn forget(global: &Global, device: &str) -> Result<(), Problem> {
    let config = HardwareConfig::require(global)?;
    if !config.document.devices.iter().any(|it| it.name == device) {
        let message = format!("device {device:?}: is not in {}", config.path.display());
        return Err(Problem::new(ExitClass::NotFound, "device.unknown", message));
    }
    let name = DeviceName::new(device).map_err(hardware::problem)?;
    config
        .refused_credentials()
        .forget(&name)
        .map_err(|error| Problem::file("forgetting refusals in", &config.dir, &error))?;
    Ok(())
}
