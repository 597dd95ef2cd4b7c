//! `kasane hsm wrap-key`

use std::path::{Path, PathBuf};

use kasane_ca_core::Error;
use kasane_ca_core::ceremony::{Custody, FIRST_CEREMONY, Script};
use kasane_ca_core::custody::ShareHeader;
use kasane_hsm::Device;
use kasane_hsm::config::Access;
use kasane_hsm::yubihsm::WRAP_KEY_LABEL;
use kasane_web::control::{ExitClass, Problem};
use serde_json::json;

use super::work::in_ceremony;
use crate::answer::Answer;
use crate::args::Global;
use crate::commands::ceremony::restore_wrap_key;
use crate::commands::files;
use crate::hardware::{
    self, Credentials, HardwareConfig, ManagedSimulators, note, open_device, wrapping,
};

/// Largest script that is read.
const MAX_SCRIPT_BYTES: usize = 262_144;

/// Put the custodians' wrap key into a device: each of them enters the passphrase of a share
///
/// Keys are copied, backed up and restored under it, so every device gets the same one: before the
/// ceremony, which makes the keys, or later into a device that replaces another. In a folder that
/// has begun this is noted in the ledger before it is done, and shares of another set than the
/// ceremony's are refused; before that, --script names the script to compare with. The service must
/// be stopped.
///
/// Example:
///   kasane hsm wrap-key --device hsm-a /media/a/share.pem /media/c/share.pem
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The device that gets it
    #[arg(long, value_name = "DEVICE")]
    device: String,
    /// The script whose [custody] the shares must be; that of the first ceremony if not given
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// The share files
    #[arg(required = true)]
    shares: Vec<PathBuf>,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<Answer, Problem> {
    let script = args.script.as_deref().map(read_script).transpose()?;
    if !global.dir.join("ledger").exists() {
        return before_the_ceremony(global, args, script.as_ref());
    }
    in_ceremony(global, |session, pool| {
        let device = hardware::device(pool, &args.device)?;
        let script = match script {
            Some(script) => script,
            None => {
                let text = session
                    .authority
                    .document_text("ceremony-script", FIRST_CEREMONY)?;
                Script::from_toml(&text).map_err(Error::from)?
            }
        };
        put(&**device, args, script.custody.as_ref(), &|set| {
            let detail = format!("custodian set {set}");
            note(
                &session.authority,
                &**device,
                "put-wrap-key",
                WRAP_KEY_LABEL,
                &detail,
            )
        })
    })
}

/// No ledger is there to note it in: what the device logs of it is drained when the authority
/// begins, as a part of its commissioning.
fn before_the_ceremony(
    global: &Global,
    args: &Args,
    script: Option<&Script>,
) -> Result<Answer, Problem> {
    let config = HardwareConfig::require(global)?;
    let mut devices = config.document.devices.iter();
    let device = devices.find(|it| it.name == args.device).ok_or_else(|| {
        let message = format!(
            "device {:?}: is not in {}",
            args.device,
            config.path.display()
        );
        Problem::new(ExitClass::NotFound, "device.unknown", message)
    })?;
    let _simulators = ManagedSimulators::start(&config)?;
    let opened = open_device(&config, device, Access::Ceremony, &Credentials::of(&config))
        .map_err(hardware::problem)?;
    let custody = script.and_then(|it| it.custody.as_ref());
    put(&*opened, args, custody, &|_| Ok(()))
}

/// Asks the custodians, has it noted, and puts the key in.
fn put(
    device: &dyn Device,
    args: &Args,
    custody: Option<&Custody>,
    noted: &dyn Fn(&str) -> Result<(), Problem>,
) -> Result<Answer, Problem> {
    // Before anybody is asked for anything: the device answers and takes wrap keys.
    let identity = device.identity().map_err(hardware::problem)?;
    let wrapping = wrapping(device)?;
    let (secret, set) = restore_wrap_key(&args.shares, &|share| must_be_of(custody, share))?;
    noted(&set)?;
    let id = wrapping.put_wrap_key(&secret).map_err(hardware::problem)?;
    let id = hex::encode(id);
    Ok(Answer {
        text: format!(
            "device {}, serial {}: wrap key {id} of custodian set {set}\n",
            device.name(),
            identity.serial
        ),
        json: json!({
            "device": device.name().to_string(),
            "serial": identity.serial,
            "wrap_key_id": id,
            "set": set,
        }),
        ..Answer::default()
    })
}

fn must_be_of(custody: Option<&Custody>, share: &ShareHeader) -> Result<(), Problem> {
    let Some(custody) = custody else {
        return Ok(());
    };
    let refuse = |message| {
        Err(Problem::new(
            ExitClass::Refused,
            "custody.not-of-script",
            message,
        ))
    };
    if let Some(set) = &custody.set
        && !set.eq_ignore_ascii_case(&share.set)
    {
        return refuse(format!(
            "share {} is of custodian set {}, but the script's [custody] names set {set}: bring the \
             shares of that set",
            share.index, share.set
        ));
    }
    if custody.threshold != share.threshold || custody.custodians.len() != usize::from(share.shares)
    {
        return refuse(format!(
            "share {} of custodian set {}: {} of {} custodians restore it, but the script's \
             [custody] says {} of {}: bring the shares that the script means",
            share.index,
            share.set,
            share.threshold,
            share.shares,
            custody.threshold,
            custody.custodians.len()
        ));
    }
    Ok(())
}

fn read_script(path: &Path) -> Result<Script, Problem> {
    let text = files::read_text(path, MAX_SCRIPT_BYTES)?;
    Ok(Script::from_toml(&text).map_err(Error::from)?)
}
