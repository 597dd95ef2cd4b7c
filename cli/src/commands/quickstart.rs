//! `kasane quickstart`

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Instant;

use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::random::SystemRandom;
use kasane_crl::{Publisher, Schedule};
use kasane_hsm::config::Access;
use kasane_web::control::{ExitClass, Problem};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::args::Global;
use crate::composition::compose;
use crate::hardware::HardwareConfig;
use crate::passphrase::WhenMissing;
use crate::quickstart::hardware::{self, HsmKind};
use crate::quickstart::{self, QuickstartError, Stage, Summary, problem};
use crate::serve::{self, Service};
use crate::session::{Session, requester};

/// From an empty folder to a working authority: both hierarchies, a facility, status, a revocation
///
/// Runs on the demonstration timeline with software keys, or with keys in a simulated YubiHSM 2 or a
/// SoftHSM token (--hsm). A second run continues from the folder. Serves status and commands until
/// SIGINT or SIGTERM, unless --once is given.
///
/// Example:
///   kasane quickstart
///   kasane quickstart --dir ./kasane-data --listen 127.0.0.1:8080 --once
///   kasane quickstart --dir ./with-hsm --hsm simulator --devices 2
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Where status is served; port 0 takes a free one. It stands in every certificate
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where edge responders may follow the ledger, over TLS; nowhere if not given
    #[arg(long, value_name = "ADDRESS:PORT")]
    feed: Option<SocketAddr>,
    /// Do everything, then stop
    #[arg(long)]
    once: bool,
    /// Keep the keys in what plays a device; it is never one
    #[arg(long, value_name = "KIND", value_enum)]
    hsm: Option<HsmKind>,
    /// So many simulators, all with the same keys: one may fail
    #[arg(long, value_name = "N", default_value_t = 1, requires = "hsm", value_parser = clap::value_parser!(u8).range(1..=4))]
    devices: u8,
}

/// Where status is served when nothing else is said.
const DEFAULT_LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let begun = Instant::now();
    let mut say = |line: &str| {
        eprintln!("[{:>5.1}s] {line}", begun.elapsed().as_secs_f64());
    };
    if let Some(kind) = args.hsm {
        hardware::prepare(global, kind, args.devices, &SystemRandom, &mut say)?;
    }
    let in_devices = HardwareConfig::find(global)?.is_some();
    let continued = quickstart::is_begun(&global.dir);
    let folder = DataFolder::open_or_create(&global.dir)?;
    say(&format!(
        "{} {}: a demonstration, {}; never for real certificates",
        if continued {
            "continuing in"
        } else {
            "beginning in"
        },
        global.dir.display(),
        if in_devices {
            "with keys in what hsm.toml names"
        } else {
            "with development keys in software"
        }
    ));
    let listen = free_address(args.listen, &folder)?;
    let composition = compose(global, &folder, Access::Ceremony, WhenMissing::Make)?;
    let devices = composition.hardware.as_ref();
    let prepared = quickstart::prepare(&folder, composition.parts, devices, listen, &mut say)?;
    composition.fail_points.arm();
    for (issuer, serial) in &prepared.recovered.certificates {
        say(&format!(
            "closed as abandoned after a crash: {serial} of {issuer}; its serial is revoked"
        ));
    }
    let mut session = Session {
        folder,
        authority: prepared.authority,
        recovered: prepared.recovered,
        hardware: composition.hardware,
    };
    if in_devices {
        // What needs the credential of ceremonies is done; a service has less.
        published(&session)?;
        let folder = session.stop_and_keep();
        session = Session::start(global, folder, Access::Signing)?;
    }
    let service = Service::start(
        session,
        &serve::Options {
            listen: Some(listen),
            feed: args.feed,
        },
    )?;
    let summary = demonstrate(global, &service, &mut say);
    let summary = match summary {
        Ok(summary) => summary,
        Err(error) => {
            service.stop();
            return Err(problem(error));
        }
    };
    let reconciled = reconcile(&service, &mut say);
    say("done");
    let mut json: Value = summary
        .to_json()
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_else(|| json!({}));
    if let (Value::Object(fields), Some(report)) = (&mut json, reconciled) {
        fields.insert("reconciliation".to_owned(), report);
    }
    let text = summary.to_string();
    drop(summary);
    if args.once {
        service.stop();
        return Ok(Answer {
            json,
            text,
            notes: String::new(),
            refusal: None,
        });
    }
    if global.json {
        println!("{json:#}");
    } else {
        print!("{text}");
    }
    eprintln!(
        "\nServing on http://{} and on {}; stop with Ctrl-C.",
        service.address,
        DataFolder::socket(&global.dir).display()
    );
    service.wait_for_signal()?;
    Ok(Answer::default())
}

/// The lists of the roots, which the service cannot sign.
fn published(session: &Session) -> Result<(), Problem> {
    let publisher = Publisher::new(Arc::clone(&session.authority), Schedule::default())?;
    let sweep = publisher.publish_due(session.authority.now());
    match sweep.failed.into_iter().next() {
        Some(failed) => Err(failed.error.into()),
        None => Ok(()),
    }
}

/// What the devices' own logs say, where they keep one.
fn reconcile(service: &Service, say: &mut quickstart::Say<'_>) -> Option<Value> {
    let session = service.session();
    let pool = session.pool()?;
    if !pool.devices().any(|device| device.command_log().is_some()) {
        return None;
    }
    match session.authority.reconcile() {
        Ok(report) => {
            let signatures: u64 = report.devices.iter().map(|it| it.signatures).sum();
            say(&format!(
                "the devices' own logs show {signatures} signatures, each with its recorded attempt; \
                 alarms: {}",
                report.alarms.len()
            ));
            serde_json::to_value(&report).ok()
        }
        Err(error) => {
            say(&format!("the devices' logs were not read: {error}"));
            None
        }
    }
}

fn demonstrate(
    global: &Global,
    service: &Service,
    say: &mut quickstart::Say<'_>,
) -> Result<Summary, QuickstartError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let stage = Stage {
        authority: &service.session().authority,
        publisher: &service.publisher,
        requester: &requester(),
        dir: &global.dir,
        service: service.address,
        program: &program(),
    };
    runtime.block_on(quickstart::demonstrate(&stage, say))
}

/// This program as it was called, so that the commands to try can be pasted.
fn program() -> String {
    let called = std::env::args_os().next();
    called.map_or_else(
        || "kasane".to_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

/// The address to serve at: the one asked for, else the one that the certificates of an earlier run
/// name. A port that is taken is found before anything is made.
fn free_address(asked: Option<SocketAddr>, folder: &DataFolder) -> Result<SocketAddr, Problem> {
    let recorded = quickstart::recorded_address(folder.path());
    let wanted = asked.or(recorded).unwrap_or_else(|| DEFAULT_LISTEN.into());
    let listener = TcpListener::bind(wanted).map_err(|error| {
        Problem::new(
            ExitClass::Environment,
            "listen.failed",
            format!("{wanted}: {error}; choose another with --listen, such as 127.0.0.1:0"),
        )
    })?;
    let address = listener.local_addr().map_err(|error| {
        Problem::new(
            ExitClass::Environment,
            "listen.failed",
            format!("{wanted}: {error}"),
        )
    })?;
    if let Some(recorded) = recorded.filter(|recorded| *recorded != address) {
        eprintln!(
            "note: the certificates here name http://{recorded}; served at http://{address}, \
             their addresses lead nowhere"
        );
    }
    Ok(address)
}
