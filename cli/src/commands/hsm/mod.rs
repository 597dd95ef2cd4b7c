//! `kasane hsm`

mod acknowledge;
mod attest;
mod backup;
mod bench;
mod clone;
mod doctor;
mod enable;
mod init;
mod manifest;
mod reconcile;
mod restore;
#[cfg(feature = "simulator")]
mod simulator_fault;
mod work;
mod wrap_key;

use clap::Subcommand;
use kasane_web::control::{DeviceList, ExitClass, Problem, Request};

use crate::answer::Answer;
use crate::args::Global;
use crate::session::execute;

/// Devices that hold the keys: YubiHSM 2, PKCS#11 tokens, the simulator
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the devices: state, serial number, firmware, and their keys
    ///
    /// Example:
    ///   kasane hsm list
    #[command(verbatim_doc_comment)]
    List,
    Doctor(doctor::Args),
    Attest(attest::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Clone(clone::Args),
    Init(init::Args),
    WrapKey(wrap_key::Args),
    Bench(bench::Args),
    /// Match the devices' own logs to the ledger: every signature must have its recorded attempt
    ///
    /// Lists every alarm with its number. Exit code 1 when one is open, 7 when a log could not be
    /// read; acknowledged alarms stay listed and count no more.
    ///
    /// Example:
    ///   kasane hsm reconcile
    #[command(verbatim_doc_comment)]
    Reconcile,
    Acknowledge(acknowledge::Args),
    Enable(enable::Args),
    /// Play a YubiHSM 2 for tests and demonstrations. Not a device: keys in it are not protected
    ///
    /// Example:
    ///   kasane hsm simulator --state ./simulator --listen 127.0.0.1:12345
    #[cfg(feature = "simulator")]
    #[command(verbatim_doc_comment)]
    Simulator(kasane_hsm_simulator::Args),
    #[cfg(feature = "simulator")]
    SimulatorFault(simulator_fault::Args),
}

impl Args {
    /// Whether a vendor's library may be loaded.
    pub(crate) const fn may_use_devices(&self) -> bool {
        #[cfg(feature = "simulator")]
        if matches!(
            self.command,
            Command::Simulator(_) | Command::SimulatorFault(_)
        ) {
            return false;
        }
        true
    }
}

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    match args.command {
        Command::List => execute(global, Request::DeviceList(DeviceList {})).map(Answer::from),
        Command::Doctor(args) => doctor::run(global, &args),
        Command::Attest(args) => attest::run(global, &args),
        Command::Backup(args) => backup::run(global, &args),
        Command::Restore(args) => restore::run(global, &args),
        Command::Clone(args) => clone::run(global, &args),
        Command::Init(args) => init::run(global, &args),
        Command::WrapKey(args) => wrap_key::run(global, &args),
        Command::Bench(args) => bench::run(global, &args),
        Command::Reconcile => reconcile::run(global),
        Command::Acknowledge(args) => acknowledge::run(global, args),
        Command::Enable(args) => enable::run(global, &args),
        #[cfg(feature = "simulator")]
        Command::Simulator(args) => args
            .run()
            .map(|()| Answer::default())
            .map_err(|error| Problem::new(ExitClass::Environment, error.code(), error.to_string())),
        #[cfg(feature = "simulator")]
        Command::SimulatorFault(args) => simulator_fault::run(&args),
    }
}
