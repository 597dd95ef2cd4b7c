//! The command line.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use kasane_web::control::{ExitClass, Problem};
use tracing_subscriber::EnvFilter;

use crate::answer::{self, Answer};
use crate::commands;
use crate::hardware::{HardwareConfig, give_environment};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the answer is no (a chain is not trusted)
  2  the command line cannot be understood
  3  refused by policy, profile or lint, or the input is not acceptable
  4  there is no such thing
  5  it exists or was done already, or another process holds the folder
  6  ledger, store or keys are not what they should be
  7  the machine failed: files, disk, network, key device
  8  a fault of this program
  9  it is done and stands, and was not seen everywhere: a revocation that was waited for

With --json exactly one JSON document is written to standard output; a failure is
{\"error\":{\"code\":\"…\",\"message\":\"…\"}}. Codes are stable, messages are for people.
Times are RFC 3339, '2027-04-01 09:00:00 JST', or a date, which is midnight in Japan.";

/// Kasane: a certificate authority for the years in which RSA and elliptic curves overlap.
#[derive(Debug, Parser)]
#[command(name = "kasane", version, after_long_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Global {
    /// The data folder
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "./kasane-data"
    )]
    pub(crate) dir: PathBuf,
    /// Write one JSON document instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The file with the passphrase of the software keys; a demonstration makes its own
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "KASANE_KEY_PASSPHRASE_FILE"
    )]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// The devices that hold the keys; DIR/hsm.toml if it is there, else keys are in software
    #[arg(long, global = true, value_name = "FILE", env = "KASANE_HSM_CONFIG")]
    pub(crate) hsm_config: Option<PathBuf>,
    /// What is logged to standard error: error, warn, info, debug, or a tracing filter
    #[arg(long, global = true, value_name = "FILTER", env = "KASANE_LOG")]
    pub(crate) log: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Quickstart(commands::quickstart::Args),
    Ceremony(commands::ceremony::Args),
    Serve(commands::serve::Args),
    Issue(commands::issue::Args),
    Renew(commands::renew::Args),
    Revoke(commands::revoke::Args),
    RevokeMany(commands::revoke_many::Args),
    Show(commands::show::Args),
    Status(commands::status::Args),
    List(commands::list::Args),
    Verify(commands::verify::Args),
    VerifyService(commands::verify_service::Args),
    Facility(commands::facility::Args),
    System(commands::system::Args),
    Operator(commands::operator::Args),
    Responder(commands::responder::Args),
    Crl(commands::crl::Args),
    Policy(commands::policy::Args),
    Trust(commands::trust::Args),
    Ledger(commands::ledger::Args),
    Store(commands::store::Args),
    Hsm(commands::hsm::Args),
    Bench(commands::bench::Args),
    Completions(commands::completions::Args),
}

/// Runs the program.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let json = arguments.iter().any(|argument| argument == "--json");
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error, json),
    };
    log_to_stderr(&cli);
    if cli.command.may_use_devices()
        // A file that cannot be read is told by the command, if it needs it.
        && let Ok(Some(config)) = HardwareConfig::find(&cli.global)
        && let Err(problem) = give_environment(&config)
    {
        return answer::print(Err(problem), json);
    }
    let result = cli.command.run(&cli.global);
    answer::print(result, cli.global.json)
}

impl Command {
    fn run(self, global: &Global) -> Result<Answer, Problem> {
        match self {
            Self::Quickstart(args) => commands::quickstart::run(global, args),
            Self::Ceremony(args) => commands::ceremony::run(global, args),
            Self::Serve(args) => commands::serve::run(global, args),
            Self::Issue(args) => commands::issue::run(global, args),
            Self::Renew(args) => commands::renew::run(global, args),
            Self::Revoke(args) => commands::revoke::run(global, args),
            Self::RevokeMany(args) => commands::revoke_many::run(global, args),
            Self::Show(args) => commands::show::run(global, args),
            Self::Status(args) => commands::status::run(global, args),
            Self::List(args) => commands::list::run(global, args),
            Self::Verify(args) => commands::verify::run(global, args),
            Self::VerifyService(args) => commands::verify_service::run(args),
            Self::Facility(args) => commands::facility::run(global, args),
            Self::System(args) => commands::system::run(global, args),
            Self::Operator(args) => commands::operator::run(global, args),
            Self::Responder(args) => commands::responder::run(global, args),
            Self::Crl(args) => commands::crl::run(global, args),
            Self::Policy(args) => commands::policy::run(global, args),
            Self::Trust(args) => commands::trust::run(global, args),
            Self::Ledger(args) => commands::ledger::run(global, args),
            Self::Store(args) => commands::store::run(global, args),
            Self::Hsm(args) => commands::hsm::run(global, args),
            Self::Bench(args) => commands::bench::run(args),
            Self::Completions(args) => Ok(commands::completions::run(args)),
        }
    }

    const fn is_service(&self) -> bool {
        match self {
            Self::Serve(_) | Self::VerifyService(_) => true,
            Self::Responder(args) => args.is_service(),
            _ => false,
        }
    }

    const fn may_use_devices(&self) -> bool {
        match self {
            Self::Hsm(args) => args.may_use_devices(),
            Self::Responder(args) => args.may_use_devices(),
            Self::Verify(_)
            | Self::VerifyService(_)
            | Self::Trust(_)
            | Self::Bench(_)
            | Self::Completions(_) => false,
            _ => true,
        }
    }

    /// Services tell what they do; commands only what is wrong. What the devices' libraries say of
    /// themselves is said again, and judged, by those who call them.
    const fn default_log(&self) -> &'static str {
        match self {
            // Its keys are short-lived and belong there.
            Self::Responder(args) if args.is_service() => "info,kasane_hsm::software=error",
            Self::Serve(_) | Self::VerifyService(_) => "info,cryptoki=off,yubihsm=off",
            Self::Ceremony(_) => "warn,cryptoki=off,yubihsm=off",
            // It says itself what it is and where its keys are.
            Self::Quickstart(_) => {
                "warn,kasane_hsm=error,kasane::serve=error,cryptoki=off,yubihsm=off"
            }
            // The ceremony and every start of the service say that keys are software.
            _ => "warn,kasane_hsm=error,cryptoki=off,yubihsm=off",
        }
    }
}

fn not_understood(error: &clap::Error, json: bool) -> ExitCode {
    let asked_for = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if json && !asked_for {
        let message = error.to_string();
        let problem = Problem::new(ExitClass::Usage, "usage", message.trim_end());
        return answer::print(Err(problem), true);
    }
    // Writing to a closed pipe is the reader's wish.
    let _written = error.print();
    if asked_for {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(ExitClass::Usage.exit_code())
    }
}

fn log_to_stderr(cli: &Cli) {
    let filter = cli
        .global
        .log
        .as_deref()
        .unwrap_or_else(|| cli.command.default_log());
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|error| {
        eprintln!("log filter {filter:?} is not understood ({error}): 'warn' is used");
        EnvFilter::new("warn")
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    if cli.command.is_service() {
        log.init();
    } else {
        log.without_time().with_target(false).compact().init();
    }
}
