//! `kasane quickstart`

use std::net::{SocketAddr, TcpListener};
use std::time::Instant;

use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::random::SystemRandom;
use kasane_web::control::{ExitClass, Problem};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::args::Global;
use crate::composition::compose;
use crate::passphrase::{self, WhenMissing};
use crate::quickstart::{self, QuickstartError, Stage, Summary};
use crate::serve::{self, Service};
use crate::session::{Session, requester};

/// From an empty folder to a working authority: both hierarchies, a facility, status, a revocation
///
/// Runs on the demonstration timeline with software keys. A second run continues from the folder.
/// Serves status and commands until SIGINT or SIGTERM, unless --once is given.
///
/// Example:
///   kasane quickstart
///   kasane quickstart --dir ./kasane-data --listen 127.0.0.1:8080 --once
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Where status is served; port 0 takes a free one. It stands in every certificate
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Do everything, then stop
    #[arg(long)]
    once: bool,
}

/// Where status is served when nothing else is said.
const DEFAULT_LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);

pub(crate) fn run(global: &Global, args: Args) -> Result<Answer, Problem> {
    let begun = Instant::now();
    let mut say = |line: &str| {
        eprintln!("[{:>5.1}s] {line}", begun.elapsed().as_secs_f64());
    };
    let continued = quickstart::is_begun(&global.dir);
    let folder = DataFolder::open_or_create(&global.dir)?;
    say(&format!(
        "{} {}: a demonstration, with development keys in software; never for real certificates",
        if continued {
            "continuing in"
        } else {
            "beginning in"
        },
        global.dir.display()
    ));
    let listen = free_address(args.listen, &folder)?;
    let secret = passphrase::of(global, folder.path(), WhenMissing::Make, &SystemRandom)?.secret;
    let composition = compose(&folder, secret)?;
    let prepared =
        quickstart::prepare(&folder, composition.parts, listen, &mut say).map_err(problem)?;
    composition.fail_points.arm();
    for (issuer, serial) in &prepared.recovered.certificates {
        say(&format!(
            "closed as abandoned after a crash: {serial} of {issuer}; its serial is revoked"
        ));
    }
    let session = Session {
        folder,
        authority: prepared.authority,
        recovered: prepared.recovered,
    };
    let service = Service::start(
        session,
        &serve::Options {
            listen: Some(listen),
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
    say("done");
    let json: Value = summary
        .to_json()
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_else(|| json!({}));
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

fn problem(error: QuickstartError) -> Problem {
    match error {
        QuickstartError::Authority(error) => error.into(),
        QuickstartError::Io(_) | QuickstartError::Status { .. } => {
            Problem::new(ExitClass::Environment, error.code(), error.to_string())
        }
        _ => Problem::new(ExitClass::Internal, error.code(), error.to_string()),
    }
}
